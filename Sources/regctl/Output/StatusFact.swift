internal import Base
internal import RegctlCore

/// What `status` says of one subject, in words.
struct StatusFact: Equatable {
  let label: String

  /// The most important part; the details follow it.
  let lead: String
  let details: [String]

  private init(_ label: String, _ words: [String]) {
    self.label = label
    lead = words[0]
    details = Array(words.dropFirst())
  }

  var text: String { ([lead] + details).joined(separator: ", ") }

  /// The facts of a service, in the order of `status`.
  static func all(of status: ServiceStatus, now: Instant) -> [StatusFact] {
    [
      StatusFact("accounts", words(on: status.accounts)),
      StatusFact("outbox", outbox(status.mails, now: now)),
      StatusFact("mails", ended(status.mails)),
      StatusFact("last sent", words(on: status.mails.lastSent, now: now)),
      StatusFact("last delivery", words(on: status.lastDelivery, now: now)),
      StatusFact("last prune", words(on: status.lastPrune, now: now)),
    ]
  }

  private static func words(on accounts: ServiceStatus.Accounts) -> [String] {
    let domains = Plural.count(accounts.lockedDomains, "domain")
    return ["\(accounts.all)", "of which \(accounts.unconfirmed) not confirmed"]
      + (accounts.locked > 0 ? ["\(accounts.locked) locked"] : [])
      + (accounts.lockedDomains > 0 ? ["\(domains) locked"] : [])
  }

  private static func outbox(_ mails: ServiceStatus.Mails, now: Instant) -> [String] {
    let queued = ["\(mails.count(.queued)) queued", "\(mails.deferred) deferred"]
    let sending = mails.count(.sending) > 0 ? ["\(mails.count(.sending)) being sent"] : []
    let due = "\(mails.due) due"
    let next =
      mails.next.map { next in
        next <= now ? ["\(due) since \(next.displayText)"] : [due, "next at \(next.displayText)"]
      } ?? [due]
    return queued + sending + next
  }

  private static func ended(_ mails: ServiceStatus.Mails) -> [String] {
    [OutboxEntry.State.sent, .failed, .bounced, .expired, .cancelled]
      .map { "\(mails.count($0)) \($0.rawValue)" }
  }

  private static func words(on moment: Instant?, now: Instant) -> [String] {
    moment.map { [$0.displayText, "\(TextRenderer.words(now - $0)) ago"] } ?? ["never"]
  }

  private static func words(on run: PruneRun?, now: Instant) -> [String] {
    run.map { run in
      ["run \(run.number)", Plural.count(run.pruned, "account")] + words(on: run.at, now: now)
    } ?? ["never"]
  }
}
