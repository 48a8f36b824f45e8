internal import CPQ
package import SQL

/// A database on a PostgreSQL server, version 13 or later.
///
/// Nothing is changed in the session, so that a pooler may give each transaction another one: all
/// settings are those of a transaction, and statements are prepared only without a pooler.
@safe package final class PostgreSQLDatabase: Database {
  package var names = Names([:])

  /// A statement that each writing transaction begins with, so that it waits for all others: a
  /// `LOCK TABLE`, which takes no snapshot, so that everything is read after the wait.
  package var writersLock: StaticString?

  let connection: Connection
  let parameters: ConnectionParameters
  private(set) var refusesChanges = false
  private var cache = StatementCache()

  /// What to call between the statements of a check.
  private(set) var observer: (() -> Void)?
  private var isRunning = false

  /// Whether a pooler stands before the server, once that was asked.
  private var knownPooler: Bool?

  /// Connects to a server, and loads libpq.
  package init(_ parameters: ConnectionParameters) throws(DatabaseError) {
    connection = try Connection.open(parameters)
    self.parameters = parameters
  }

  /// The messages of the server since the last call, at most a hundred.
  package func takeNotices() -> [Notice] { connection.notices.take() }

  /// Whether a pooler gives the session of the server to others between transactions.
  ///
  /// A pooler announces a number of its own for the server's process.
  package func isPooled() throws(DatabaseError) -> Bool {
    if let knownPooler { return knownPooler }
    var number: Int64 = 0
    try ask("SELECT pg_catalog.pg_backend_pid()", []) { row in
      number = row.integer(0)
      return true
    }
    let isPooled = number != Int64(connection.backendNumber)
    knownPooler = isPooled
    return isPooled
  }

  // MARK: Statements

  package func execute(_ statements: Statement) throws(DatabaseError) {
    let script = try names.fill(words(of: statements))
    // The statements of a message are one transaction, unless they contain others.
    try execute(isGuarded ? "\(Self.guardStatement); \(script)" : script)
  }

  /// Runs statements without parameters, in one message.
  func execute(_ script: String) throws(DatabaseError) {
    precondition(!isRunning, "a statement runs after the one before it")
    try connection.send(script: script)
    if let report = try connection.receive().report { throw DatabaseError(report) }
  }

  private func words(of statement: Statement) throws(DatabaseError) -> StaticString {
    if let words = statement.postgreSQL { return words }
    throw .unexpected(code: "no words for PostgreSQL", detail: "\(statement.sqlite)")
  }

  @discardableResult
  package func step(
    _ text: SQLText, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    try run(.text(text.text(with: names, words: words(of:))), ParameterList(values), body)
  }

  @discardableResult
  package func step(
    _ statement: AssembledStatement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    try step(statement.text, values, body)
  }

  /// Runs a statement. Rows are read one by one; those that the body does not want are read too, so
  /// a statement whose body stops early has a `LIMIT`. The body runs no other statement.
  @discardableResult
  package func step(
    _ statement: Statement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    let parameters = try ParameterList(values)
    let query = try query(of: statement, parameters)
    let completion = try complete(query, parameters, body)
    guard let report = completion.report else { return completion.changedRows }
    guard case .prepared(_, let index) = query, report.isStalePlan else {
      throw DatabaseError(report)
    }
    forgetPlan(at: index)
    if connection.transactionStatus != .none { throw .conflict(detail: report.message) }
    return try run(.text(cache[index].text), parameters, body)
  }

  /// How a statement is sent: prepared, if it was run before.
  func query(
    of statement: Statement, _ parameters: ParameterList
  ) throws(DatabaseError) -> Query {
    let words = try words(of: statement)
    guard let index = cache.index(of: words, parameters) else {
      let text = names.fill(words)
      cache.add(words, as: text, parameters)
      return .text(text)
    }
    guard let name = try prepare(index) else { return .text(cache[index].text) }
    return .prepared(name, index)
  }

  /// Has a statement prepared again before its next run.
  func forgetPlan(at index: Int) { cache.setName(nil, at: index) }

  /// Runs a query of this module.
  func ask(
    _ text: String, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) {
    try run(.text(text), ParameterList(values), body)
  }

  /// Prepares a statement if that is possible, and returns its name.
  private func prepare(_ index: Int) throws(DatabaseError) -> String? {
    if let name = cache[index].name { return name }
    if try isPooled() { return nil }
    let name = cache.makeName()
    try connection.sendPreparation(of: cache[index].text, as: name, types: cache[index].types)
    if let report = try connection.receive().report { throw DatabaseError(report) }
    cache.setName(name, at: index)
    return name
  }

  /// A statement by its text, or by the name under which it is prepared and its place in the cache.
  enum Query {
    case text(String)
    case prepared(String, Int)
  }

  @discardableResult
  private func run(
    _ query: Query, _ parameters: ParameterList, _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Int {
    let completion = try complete(query, parameters, body)
    if let report = completion.report { throw DatabaseError(report) }
    return completion.changedRows
  }

  /// Runs a statement to its end, also after a body that wants no more rows.
  private func complete(
    _ query: Query, _ parameters: ParameterList, _ body: (borrowing Row) -> Bool
  ) throws(DatabaseError) -> Connection.Completion {
    precondition(!isRunning, "the body of a statement runs no other")
    isRunning = true
    defer { isRunning = false }
    let isGuarded = isGuarded
    if isGuarded {
      try connection.enterPipeline()
      try connection.send(Self.guardStatement, .none)
    }
    try send(query, parameters)
    var guarding: Connection.Completion?
    if isGuarded {
      try connection.sendPipelineEnd()
      guarding = try connection.receive()
    }
    let row = unsafe ResultRow(connection.pq)
    var failure: DatabaseError?
    var goesOn = true
    let completion = unsafe try connection.receive { result in
      guard goesOn else { return }
      do throws(DatabaseError) {
        unsafe try row.become(result)
        goesOn = body(Row(row))
        if let fault = row.fault { throw .malformed(fault) }
      } catch {
        failure = error
        goesOn = false
      }
      row.leave()
    }
    if isGuarded { try connection.receivePipelineEnd() }
    if let failure { throw failure }
    if let report = guarding?.report { throw DatabaseError(report) }
    return completion
  }

  /// Sends a statement without waiting.
  func send(_ query: Query, _ parameters: ParameterList) throws(DatabaseError) {
    switch query {
    case .text(let text): try connection.send(text, parameters)
    case .prepared(let name, _): try connection.send(prepared: name, parameters)
    }
  }

  package func observeWork(_ body: @escaping () -> Void) { observer = body }

  // MARK: Without changes

  package func refuseChanges() throws(DatabaseError) { refusesChanges = true }

  /// Whether the next statement must be kept from changing anything; a transaction is so from its
  /// beginning.
  private var isGuarded: Bool { refusesChanges && connection.transactionStatus == .none }

  /// Makes what follows in a pipeline or a message change nothing: its statements are one
  /// transaction.
  private static let guardStatement =
    "SELECT pg_catalog.set_config('transaction_read_only', 'on', true)"

  /// Has no effect: the cache is the server's.
  package func enlargeCache() throws(DatabaseError) {}

  /// Always the same: the server grants a lock to those who wait for it in their order, so that long
  /// work need not leave them more time.
  package func writesOfOthers() throws(DatabaseError) -> Int64 { 0 }
}
