internal import Base

/// Something in the state of a service that needs attention.
package enum StatusFinding: Equatable, Sendable {
  /// Mails are queued, and nothing says how they are sent.
  case transportMissing
  /// Mails have been due for longer than the time between two runs of `deliver`.
  case mailsWaiting(count: Int, since: Instant)
  /// Mails wait because the server takes no mail from here.
  case mailsDeclined(count: Int, reply: String)
  /// Mails that were queued lately were refused for good, or not accepted in time.
  case mailsFailed(count: Int)
  case mailsExpired(count: Int)
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
    if let declined = try store.declinedMails(at: now) {
      findings.append(.mailsDeclined(count: declined.count, reply: declined.reply))
    }
    if let count = mails.lately[.failed], count > 0 { findings.append(.mailsFailed(count: count)) }
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
