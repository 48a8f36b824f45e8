internal import Base
internal import RegctlCore

extension StatusFinding {
  /// The stable name, for programs.
  var code: String {
    switch self {
    case .transportMissing: "transport_missing"
    case .mailsRedirected: "mails_redirected"
    case .mailsWaiting: "mails_waiting"
    case .mailsDeclined: "mails_declined"
    case .mailsHeld: "mails_held"
    case .mailsFailed: "mails_failed"
    case .mailsExpired: "mails_expired"
    case .mailsBounced: "mails_bounced"
    case .mailsDeclinedLater: "mails_declined_later"
    case .pruneOverdue: "prune_overdue"
    }
  }

  /// What is wrong, in one phrase.
  func message(now: Instant) -> String {
    switch self {
    case .transportMissing: "mails are queued, and no mail transport is configured"
    case .mailsRedirected(let address):
      "mail_redirect_all sends every mail to \(TerminalText.escape(address))"
    case .mailsWaiting(let count, let since):
      "\(Plural.count(count, "mail has", "mails have")) been due for "
        + TextRenderer.words(now - since)
    case .mailsDeclined(let count, let reply):
      "\(Plural.count(count, "mail waits", "mails wait")) because the server does not take mail from "
        + "here: \(TerminalText.quote(reply))"
    case .mailsHeld(let count):
      "\(Plural.count(count, "confirmation mail")) "
        + "\(Plural.form(count, "is", "are")) held, because far more accounts were registered than usually"
    case .mailsFailed(let count):
      "\(Plural.count(count, "mail")) of the last \(TextRenderer.words(Self.lately)) "
        + Plural.form(count, "was refused", "were refused")
    case .mailsExpired(let count):
      "\(Plural.count(count, "mail")) of the last \(TextRenderer.words(Self.lately)) "
        + Plural.form(count, "was not accepted in time", "were not accepted in time")
    case .mailsBounced(let count):
      "\(Plural.count(count, "mail")) of the last \(TextRenderer.words(Self.lately)) bounced"
    case .mailsDeclinedLater(let count, let reply):
      "\(Plural.count(count, "mail")) of the last \(TextRenderer.words(Self.lately)) "
        + Plural.form(count, "was", "were")
        + " taken by the relay and refused behind it, because another server does not take mail "
        + "from here: \(TerminalText.quote(reply))"
    case .pruneOverdue(let count, let isLeast):
      "\(isLeast ? "at least " : "")\(Plural.count(count, "account")) should have been pruned "
        + "\(TextRenderer.words(Self.pruneDelay)) ago"
    }
  }

  /// The command to use next.
  var command: ShellCommand {
    switch self {
    case .transportMissing: "regctl doctor"
    case .mailsRedirected: "regctl config"
    case .mailsWaiting: "regctl deliver"
    case .mailsDeclined: "regctl doctor"
    case .mailsHeld: "regctl release-held --dry-run"
    case .mailsFailed: "regctl list-outbox --state failed --since 7d"
    case .mailsExpired: "regctl list-outbox --state expired --since 7d"
    case .mailsBounced: "regctl list-outbox --state bounced --since 7d"
    case .mailsDeclinedLater: "regctl list-bounces --state declined --since 7d"
    case .pruneOverdue: "regctl prune --dry-run"
    }
  }
}
