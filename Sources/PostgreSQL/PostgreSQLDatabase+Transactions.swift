package import SQL

/// Transactions.
extension PostgreSQLDatabase {
  /// How long a transaction may be without a statement before the server ends the connection: a
  /// process that is stopped must not keep all others from writing.
  private static let idleTimeout = Duration.seconds(60)

  /// Makes the transaction wait for its own durability, and for the standbys if the server is set
  /// up so, where a role or a database is set up not to. Never less than what is set up.
  static let durability = """
    SELECT pg_catalog.set_config('synchronous_commit', 'on', true) \
    WHERE pg_catalog.current_setting('synchronous_commit') IN ('off', 'local')
    """

  package func begin() throws(DatabaseError) {
    switch connection.transactionStatus {
    case .none, .unknown: break
    case .open, .failed:
      throw .unexpected(code: "SQLSTATE 25001", detail: "a transaction is open")
    }
    // The setting has 32 bits, of which 0 would be no limit.
    let milliseconds = Int(min(parameters.busyTimeout, .seconds(2_000_000)) / .milliseconds(1))
    var script = "BEGIN ISOLATION LEVEL REPEATABLE READ"
    if refusesChanges { script += " READ ONLY" }
    script += "; SET LOCAL lock_timeout = \(max(milliseconds, 1))"
    script +=
      "; SET LOCAL idle_in_transaction_session_timeout = \(Int(Self.idleTimeout / .milliseconds(1)))"
    if !refusesChanges {
      if let writersLock { script += "; " + names.fill(writersLock) }
      // A query takes the snapshot, so it stands after the lock.
      script += "; " + Self.durability
    }
    do throws(DatabaseError) {
      try execute(script)
    } catch {
      rollBack()
      throw error
    }
  }

  package func rollBack() {
    // Without a connection, the server rolls back.
    if connection.transactionStatus != .none { try? execute("ROLLBACK") }
  }

  /// Commits. When the connection is lost meanwhile, the result is looked up over another one.
  ///
  /// A warning is an error: the server gives one in place of an error when it has committed, but an
  /// administrator cancelled the wait for the standby that makes the commit durable.
  package func commit() throws(DatabaseError) {
    switch connection.transactionStatus {
    // A lost connection throws below.
    case .open, .unknown: break
    case .none: throw .unexpected(code: "SQLSTATE 25P01", detail: "no transaction is open")
    case .failed: throw .unexpected(code: "SQLSTATE 25P02", detail: "a statement has failed")
    }
    connection.notices.forgetWarning()
    try connection.enterPipeline()
    try connection.send(TransactionMark.query, ParameterList([]))
    // Otherwise the mark would come with the result of the commit, or not at all.
    try connection.requestAnswers()
    var answer = TransactionMark.Answer.none
    let marking: Connection.Completion
    let completion: Connection.Completion
    do throws(DatabaseError) {
      try connection.send("COMMIT", ParameterList([]))
      try connection.sendPipelineEnd()
      let row = unsafe ResultRow(connection.pq)
      marking = unsafe try connection.receive { result in
        unsafe answer = TransactionMark.Answer(result, row)
      }
      completion = try connection.receive()
      try connection.receivePipelineEnd()
    } catch {
      return try settle(error, answer)
    }
    if let report = marking.report { throw DatabaseError(report) }
    if let report = completion.report { throw DatabaseError(report) }
    guard completion.tag == "COMMIT" else {
      throw .unexpected(code: "COMMIT", detail: "the server answered \(completion.tag)")
    }
    if let warning = connection.notices.warning {
      throw .commitUnknown(detail: warning)
    }
  }
}
