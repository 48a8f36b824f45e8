internal import SQL

/// A commit that is written, and durable when the log is synced.
struct UnsyncedCommit: PendingCommit {
  let counts: [Int]
  let sync: LogSync

  /// The log is in the system's cache.
  var outlivesProcess: Bool { true }
  var isDone: Bool { sync.isDone }

  func result() throws(DatabaseError) -> [Int] {
    try sync.await()
    return counts
  }
}
