/// How a transaction takes its lock.
package enum TransactionKind: Sendable {
  /// Takes the write lock at once, so that what is read inside cannot change before it is written.
  case immediate

  /// Reads a snapshot and takes no write lock.
  case deferred
}

extension Connection {
  /// Runs a body in a transaction, which takes effect only if the body returns.
  ///
  /// When the body or the commit fails, everything is rolled back and the error is thrown.
  package borrowing func transaction<Result, Failure: Error>(
    _ kind: TransactionKind, translating translate: (SQLiteError) -> Failure,
    _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    do throws(SQLiteError) {
      switch kind {
      case .immediate: try execute("BEGIN IMMEDIATE")
      case .deferred: try execute("BEGIN")
      }
    } catch {
      throw translate(error)
    }
    do throws(Failure) {
      let result = try body()
      do throws(SQLiteError) {
        try execute("COMMIT")
      } catch {
        throw translate(error)
      }
      return result
    } catch {
      // SQLite may have rolled back by itself (a full disk does that); then this says so and no more.
      try? execute("ROLLBACK")
      throw error
    }
  }
}
