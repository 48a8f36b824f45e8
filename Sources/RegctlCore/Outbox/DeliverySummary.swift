/// What one pass over the outbox came to.
package struct DeliverySummary: Equatable, Sendable {
  /// What became of one mail; what the other side said is in the store.
  package struct MailResult: Equatable, Sendable {
    package let id: MailID
    package let state: OutboxEntry.State
  }

  package internal(set) var results: [MailResult] = []

  /// A pass that found nothing to do.
  package init() {}

  /// When the next mail that waits is due.
  package internal(set) var nextAttempt: Instant?

  /// Why the pass ended early; the mails that are left wait.
  package internal(set) var stopped: DeliveryError?

  /// Whether the time limit ended the pass and left mail that is due.
  package internal(set) var isOutOfTime = false

  /// How many mails ended the pass in a state.
  package func count(_ state: OutboxEntry.State) -> Int {
    results.count { $0.state == state }
  }
}

/// Asked again and again while a pass runs, with what was dealt with so far: whether to begin
/// further mails.
package typealias DeliveryWatch = (DeliverySummary) -> Bool
