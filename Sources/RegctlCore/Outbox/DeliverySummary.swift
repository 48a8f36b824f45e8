/// The results of a delivery pass.
package struct DeliverySummary: Equatable, Sendable {
  /// The result of a mail; the server's reply is in the store.
  package struct MailResult: Equatable, Sendable {
    package let id: MailID
    package let state: OutboxEntry.State
  }

  package internal(set) var results: [MailResult] = []

  /// A pass without any mail.
  package init() {}

  /// The next due time of a queued mail.
  package internal(set) var nextAttempt: Instant?

  /// The reason why the pass ended early; the remaining mails stay queued.
  package internal(set) var stopped: DeliveryError?

  /// Whether the time limit ended the pass with mail still due.
  package internal(set) var isOutOfTime = false

  /// Whether `mail_max_per_hour` ended the pass; mail that is due may be left.
  package internal(set) var isPaced = false

  /// The number of mails that are held since this pass.
  package internal(set) var held = 0

  /// The results of this pass and of a later one, of each mail the last.
  func followed(by later: DeliverySummary) -> DeliverySummary {
    var summary = later
    let repeated = Set(later.results.map(\.id))
    summary.held += held
    summary.results = results.filter { !repeated.contains($0.id) } + later.results
    return summary
  }

  /// The number of mails that the pass left in a state.
  package func count(_ state: OutboxEntry.State) -> Int {
    results.count { $0.state == state }
  }
}

/// A function called repeatedly during a pass, with the results so far; returns whether to start
/// further mails.
package typealias DeliveryWatch = (DeliverySummary) -> Bool
