internal import Glibc
internal import SQL

/// The result of a commit that was not answered.
enum CommitResult: Equatable {
  case committed, rolledBack
  /// It still runs, the server cannot be asked, or the commit is perhaps not durable.
  case unknown
}

/// The result of a commit after the connection was lost.
extension PostgreSQLDatabase {
  /// Returns if a transaction is committed although its connection was lost; throws that it is not,
  /// or that this is unknown.
  func settle(_ loss: DatabaseError, _ answer: TransactionMark.Answer) throws(DatabaseError) {
    switch answer {
    // The server has ended the connection before it read the statement before the commit.
    case .none where connection.wasEndedByServer: throw loss
    case .none: throw Self.unknown(after: loss)
    case .unchanged: throw loss
    case .mark(let mark):
      switch result(of: mark) {
      case .committed: return
      case .rolledBack: throw loss
      case .unknown: throw Self.unknown(after: loss)
      }
    }
  }

  static func unknown(after loss: DatabaseError) -> DatabaseError {
    guard case .unavailable(let detail) = loss else { return loss }
    return .commitUnknown(detail: detail)
  }

  /// Looks a transaction up over another connection, until it is known or the time has passed.
  func result(of mark: TransactionMark) -> CommitResult {
    let deadline = ContinuousClock.now + parameters.lookupTimeout
    while ContinuousClock.now < deadline {
      // A server that starts again, or a standby that takes over, answers later.
      if let result = try? Self.ask(about: mark, parameters, before: deadline) { return result }
      Self.pause()
    }
    return .unknown
  }

  private static func ask(
    about mark: TransactionMark, _ parameters: ConnectionParameters,
    before deadline: ContinuousClock.Instant
  ) throws(DatabaseError) -> CommitResult {
    var parameters = parameters
    parameters.connectTimeout = deadline - .now
    parameters.busyTimeout = .zero
    parameters.silenceTimeout = deadline - .now
    let other = try PostgreSQLDatabase(parameters)
    while ContinuousClock.now < deadline {
      if let result = try other.finalResult(of: mark) { return result }
      pause()
    }
    return .unknown
  }

  /// The result as this connection sees it; `nil` while the transaction runs.
  ///
  /// See `pg_xact_status` in
  /// <https://www.postgresql.org/docs/15/functions-info.html#FUNCTIONS-INFO-SNAPSHOT>. A transaction
  /// that waits for a standby still runs; when its connection is ended, the wait is, too.
  private func finalResult(of mark: TransactionMark) throws(DatabaseError) -> CommitResult? {
    var status: String?
    var isSameEra = false
    var hasStandbys = false
    try ask(Self.question, [.text(mark.number), .text(mark.era)]) { row in
      status = row.optionalText(0)
      isSameEra = row.boolean(1)
      hasStandbys = row.boolean(2)
      return true
    }
    switch status {
    case "in progress": return nil
    // In another era, a transaction with the same number can only be another if this one was lost.
    case "aborted": return .rolledBack
    case "committed" where isSameEra:
      if hasStandbys { try waitForStandbys() }
      return .committed
    default: return .unknown
    }
  }

  private static let question = """
    SELECT pg_catalog.pg_xact_status(CAST($1 AS xid8)), $2 = \(TransactionMark.eraExpression), \
    pg_catalog.current_setting('synchronous_standby_names') <> ''
    """

  /// Commits something that is written to the log, so that the standbys have all that was committed
  /// before when this returns.
  private func waitForStandbys() throws(DatabaseError) {
    connection.notices.forgetWarning()
    try execute(
      """
      BEGIN; \(Self.durability); SELECT pg_catalog.pg_logical_emit_message(true, 'commit', ''); COMMIT
      """)
    if let warning = connection.notices.warning {
      throw .commitUnknown(detail: warning)
    }
  }

  private static func pause() {
    var nap = timespec(tv_sec: 0, tv_nsec: 50_000_000)
    unsafe nanosleep(&nap, nil)
  }
}
