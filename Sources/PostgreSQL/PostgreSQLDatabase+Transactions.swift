package import SQL

/// Transactions.
extension PostgreSQLDatabase {
  /// How long a transaction may be without a statement before the server ends the connection: a
  /// process that is stopped must not keep all others from writing.
  private static let idleTimeout = Duration.seconds(60)

  /// Makes the transaction wait for its own durability, and for the standbys if the server is set
  /// up so, where a role or a database is set up not to. Never less than what is set up.
  static let durability: StaticString = """
    SELECT pg_catalog.set_config('synchronous_commit', 'on', true) \
    WHERE pg_catalog.current_setting('synchronous_commit') IN ('off', 'local')
    """

  private static let beginning: StaticString = "BEGIN ISOLATION LEVEL REPEATABLE READ"

  /// Limits the wait for a lock; the setting has 32 bits, of which 0 would be no limit.
  private var lockLimit: String {
    let milliseconds = Int(min(parameters.busyTimeout, .seconds(2_000_000)) / .milliseconds(1))
    return "SET LOCAL lock_timeout = \(max(milliseconds, 1))"
  }

  package func begin() throws(DatabaseError) {
    switch connection.transactionStatus {
    case .none, .unknown: break
    case .open, .failed:
      throw .unexpected(code: "SQLSTATE 25001", detail: "a transaction is open")
    }
    var script = "\(Self.beginning)"
    if refusesChanges { script += " READ ONLY" }
    script += "; \(lockLimit)"
    script +=
      "; SET LOCAL idle_in_transaction_session_timeout = \(Int(Self.idleTimeout / .milliseconds(1)))"
    if !refusesChanges {
      if let writersLock { script += "; " + names.fill(writersLock) }
      // A query takes the snapshot, so it stands after the lock.
      script += "; \(Self.durability)"
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
    try connection.send(TransactionMark.query, .none)
    // Otherwise the mark would come with the result of the commit, or not at all.
    try connection.requestAnswers()
    var answer = TransactionMark.Answer.none
    let marking: Connection.Completion
    let completion: Connection.Completion
    do throws(DatabaseError) {
      try connection.send("COMMIT", .none)
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
    try requireCommit(completion)
  }

  /// Begins a transaction of its own that is one message, and runs a statement with each list of values.
  ///
  /// When the connection is lost meanwhile, it is not known whether the server has committed.
  package func beginCommit(
    _ statement: Statement, each lists: [[Value]]
  ) throws(DatabaseError) -> any PendingCommit {
    precondition(!refusesChanges, "a statement that changes something")
    var queries = [try query(of: Self.beginning), (.text(lockLimit), ParameterList.none)]
    if let writersLock { queries.append(try query(of: writersLock)) }
    queries.append(try query(of: Self.durability))
    let first = queries.count
    for values in lists {
      let parameters = try ParameterList(values)
      queries.append((try query(of: statement, parameters), parameters))
    }
    queries.append((.text("COMMIT"), .none))
    do throws(DatabaseError) {
      try connection.enterPipeline()
      for (query, parameters) in queries { try send(query, parameters) }
      try connection.sendPipelineEnd()
    } catch {
      throw Self.unknown(after: error)
    }
    return SentCommit(queries: queries.map(\.0), first: first, database: self)
  }

  /// A transaction that was sent as one message.
  private struct SentCommit: PendingCommit {
    let queries: [Query]
    /// The place of the first statement that the caller gave.
    let first: Int
    let database: PostgreSQLDatabase

    var outlivesProcess: Bool { false }
    var isDone: Bool { database.connection.hasAnswer }

    func result() throws(DatabaseError) -> [Int] {
      let completions = try database.completions(of: queries)
      return completions[first..<(completions.count - 1)].map(\.changedRows)
    }
  }

  /// What came of the statements of a transaction that was sent; throws unless all succeeded.
  private func completions(of queries: [Query]) throws(DatabaseError) -> [Connection.Completion] {
    let completions: [Connection.Completion]
    do throws(DatabaseError) {
      completions = try receive(queries.count)
    } catch {
      throw Self.unknown(after: error)
    }
    for (query, completion) in zip(queries, completions) {
      guard let report = completion.report else { continue }
      rollBack()
      guard case .prepared(_, let place) = query, report.isStalePlan else {
        throw DatabaseError(report)
      }
      forgetPlan(at: place)
      throw .conflict(detail: report.message)
    }
    if let end = completions.last { try requireCommit(end) }
    return completions
  }

  /// A statement of this module without parameters.
  private func query(of words: StaticString) throws(DatabaseError) -> (Query, ParameterList) {
    (try query(of: Statement(postgreSQL: words), .none), .none)
  }

  /// Waits for what came of statements that were sent together; after one that fails none runs.
  private func receive(_ count: Int) throws(DatabaseError) -> [Connection.Completion] {
    var completions: [Connection.Completion] = []
    for _ in 0..<count {
      // Only a warning at the last of them, the commit, is an error.
      connection.notices.forgetWarning()
      completions.append(try connection.receive())
    }
    try connection.receivePipelineEnd()
    return completions
  }

  /// Throws unless the server has committed.
  private func requireCommit(_ completion: Connection.Completion) throws(DatabaseError) {
    guard completion.tag == "COMMIT" else {
      throw .unexpected(code: "COMMIT", detail: "the server answered \(completion.tag)")
    }
    if let warning = connection.notices.warning { throw .commitUnknown(detail: warning) }
  }
}
