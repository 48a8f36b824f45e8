internal import Base

/// Something in the state of a service that needs attention.
package enum StatusFinding: Equatable, Sendable {
  /// Mails are queued, and nothing says how they are sent.
  case transportMissing
  /// Every mail goes to one address, not to those that they are for.
  case mailsRedirected(to: String)
  /// Mails have been due for longer than the time between two runs of `deliver`.
  case mailsWaiting(count: Int, since: Instant)
  /// Mails wait because the server takes no mail from here.
  case mailsDeclined(count: Int, reply: String)
  /// Confirmation mails are held, because far more accounts were registered than usually.
  case mailsHeld(count: Int)
  /// Mails that were queued lately were refused for good, or not accepted in time.
  case mailsFailed(count: Int)
  case mailsExpired(count: Int)
  /// Mails that were queued lately were accepted by a relay and not delivered.
  case mailsBounced(count: Int)
  /// Mails were accepted by a relay, which was then refused for a fault on this side.
  case mailsDeclinedLater(count: Int, reply: String)
  /// Accounts that a run of prune would have taken days ago; `isLeast` if there may be more.
  case pruneOverdue(count: Int, isLeast: Bool)

  /// How old a mail is whose failure is no longer news.
  package static let lately = Duration.seconds(7 * 86_400)

  /// How long a mail may be due: `deliver` runs every minute.
  private static let patience = Duration.seconds(600)

  /// How much later than it could an account is pruned at the latest: prune runs every day.
  package static let pruneDelay = Duration.seconds(2 * 86_400)

  /// How many accounts are looked at for prune, in a database of any size.
  private static let candidateLimit = 20_000

  static func all(
    on mails: ServiceStatus.Mails, in store: Store, _ configuration: Configuration, at now: Instant
  ) throws(RegctlError) -> [StatusFinding] {
    var findings: [StatusFinding] = []
    if configuration.effectiveTransport == nil {
      if mails.count(.queued) > 0 { findings.append(.transportMissing) }
    } else if let since = mails.next, since < now - patience {
      findings.append(.mailsWaiting(count: mails.due, since: since))
    }
    if let address = configuration.mailRedirectAll {
      findings.append(.mailsRedirected(to: address))
    }
    if let declined = try store.declinedMails(at: now) {
      findings.append(.mailsDeclined(count: declined.count, reply: declined.reply))
    }
    if let declined = try store.mailsDeclinedLater(since: now - lately) {
      findings.append(.mailsDeclinedLater(count: declined.count, reply: declined.reply))
    }
    if mails.count(.held) > 0 { findings.append(.mailsHeld(count: mails.count(.held))) }
    if let count = mails.lately[.failed], count > 0 { findings.append(.mailsFailed(count: count)) }
    if let count = mails.lately[.bounced], count > 0 {
      findings.append(.mailsBounced(count: count))
    }
    if let count = mails.lately[.expired], count > 0 {
      findings.append(.mailsExpired(count: count))
    }
    if let finding = try pruneFinding(in: store, configuration, at: now) {
      findings.append(finding)
    }
    return findings
  }

  private static func pruneFinding(
    in store: Store, _ configuration: Configuration, at now: Instant
  ) throws(RegctlError) -> StatusFinding? {
    guard case .finite(let age) = configuration.pruneAfter, store.mayPrune else { return nil }
    let prune = Prune(
      olderThan: age + pruneDelay, at: now, maximum: nil, includesNeverMailed: false, configuration)
    var seen = 0
    let survey = try prune.look(store) { decisions in
      seen += decisions.count
      return seen < candidateLimit
    }
    if survey.prunable == 0 { return nil }
    return .pruneOverdue(count: survey.prunable, isLeast: seen >= candidateLimit)
  }
}
