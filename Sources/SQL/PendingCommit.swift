/// A transaction that is being committed.
package protocol PendingCommit {
  /// Whether the transaction outlives this process, if that is killed now; a power cut may undo it.
  var outlivesProcess: Bool { get }

  /// Whether `result` would not wait.
  var isDone: Bool { get }

  /// Waits until the transaction is durable, and returns the numbers of changed rows; called once.
  func result() throws(DatabaseError) -> [Int]
}

/// A transaction that is durable.
package struct FinishedCommit: PendingCommit {
  private let counts: [Int]

  package init(counts: [Int]) { self.counts = counts }

  package var outlivesProcess: Bool { true }
  package var isDone: Bool { true }

  package func result() -> [Int] { counts }
}
