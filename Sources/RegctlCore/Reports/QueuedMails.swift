/// The mails that were queued in the same week or month, by what became of them.
package struct QueuedMails: Equatable, Sendable {
  package let period: ReportPeriod

  /// The number of mails in each state.
  package private(set) var counts: [OutboxEntry.State: Int] = [:]

  /// How many queued mails a server has deferred.
  package private(set) var deferred = 0

  package init(of period: ReportPeriod) { self.period = period }

  package func count(_ state: OutboxEntry.State) -> Int { counts[state] ?? 0 }

  /// How many mails were queued.
  package var all: Int { counts.values.reduce(0, +) }

  /// Adds mails in a state, some of which were attempted.
  package mutating func add(_ count: Int, _ state: OutboxEntry.State, attempted: Int) {
    counts[state, default: 0] += count
    if state == .queued { deferred += attempted }
  }
}
