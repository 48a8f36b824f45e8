internal import SQL

/// Statements and transactions, with errors translated to the store's.
extension Store {
  /// Runs a statement to completion and returns the number of rows inserted, updated or deleted.
  @discardableResult
  func run(_ statement: Statement, _ values: Value...) throws(RegctlError) -> Int {
    try step(statement, values) { _ in true }
  }

  /// Runs a statement to completion, with its values in an array.
  @discardableResult
  func run(_ statement: Statement, _ values: [Value]) throws(RegctlError) -> Int {
    try step(statement, values) { _ in true }
  }

  /// Begins a transaction of its own, which runs a statement with each list of values. Until the result
  /// is awaited, no other statement runs.
  func beginCommit(
    _ statement: Statement, each lists: [[Value]]
  ) throws(RegctlError) -> any PendingCommit {
    try naming { () throws(DatabaseError) in
      try database.beginCommit(statement, each: lists)
    }
  }

  /// Waits until a transaction is durable, and returns the numbers of changed rows.
  func result(of commit: any PendingCommit) throws(RegctlError) -> [Int] {
    try naming { () throws(DatabaseError) in try commit.result() }
  }

  /// Runs a statement that inserts, updates or deletes one row of a table, and throws if it did
  /// not: a trigger may skip the change without an error (`RAISE(IGNORE)`).
  func changeOne(
    of table: String, _ statement: Statement, _ values: Value...
  ) throws(RegctlError) {
    guard try step(statement, values, { _ in true }) == 1 else { throw ignoredChange(of: table) }
  }

  /// Runs a statement that inserts a row into a table and returns the row's ID.
  func insert(
    into table: String, _ statement: Statement, _ values: Value...
  ) throws(RegctlError) -> Int64 {
    try insert(into: table, statement, values)
  }

  /// Runs a statement that inserts a row into a table, with its values in an array, and returns the
  /// row's ID.
  func insert(
    into table: String, _ statement: Statement, _ values: [Value]
  ) throws(RegctlError) -> Int64 {
    var number: Int64?
    let count = try step(statement, values) { row in
      number = row.integer(0)
      return true
    }
    guard count == 1, let number else { throw ignoredChange(of: table) }
    return number
  }

  /// Runs statements that return no rows, separated by semicolons.
  func execute(_ statements: Statement) throws(RegctlError) {
    try naming { () throws(DatabaseError) in try database.execute(statements) }
  }

  /// Transforms the first row of a query; `nil` when it has none.
  func first<Element>(
    _ statement: Statement, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(RegctlError) -> Element? {
    var found: Element?
    try step(statement, values) { row in
      found = transform(row)
      return false
    }
    return found
  }

  /// Transforms every row of a query.
  func rows<Element>(
    _ statement: Statement, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(RegctlError) -> [Element] {
    try rows(statement, values, transform: transform)
  }

  /// Transforms every row of a query, with its values in an array.
  func rows<Element>(
    _ statement: Statement, _ values: [Value], transform: (borrowing Row) -> Element
  ) throws(RegctlError) -> [Element] {
    var elements: [Element] = []
    try step(statement, values) { row in
      elements.append(transform(row))
      return true
    }
    return elements
  }

  /// Transforms every row of a query, as a failure for a row with an invalid value.
  func readableRows<Element>(
    _ statement: Statement, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(RegctlError) -> [Result<Element, MalformedValue>] {
    var elements: [Result<Element, MalformedValue>] = []
    try step(statement, values) { row in
      let element = transform(row)
      elements.append(row.takeFault().map(Result.failure) ?? .success(element))
      return true
    }
    return elements
  }

  /// Reads every row of a query and calls `body` for those with an invalid value.
  func forEachMalformedRow(
    _ statement: Statement, reading read: (borrowing Row) -> Void, body: (MalformedValue) -> Void
  ) throws(RegctlError) {
    try step(statement, []) { row in
      read(row)
      if let value = row.takeFault() { body(value) }
      return true
    }
  }

  /// Calls `body` for each row of a query, which is cheaper than collecting the rows.
  func forEach(
    _ statement: Statement, _ values: Value..., body: (borrowing Row) -> Void
  ) throws(RegctlError) {
    try step(statement, values) { row in
      body(row)
      return true
    }
  }

  /// Calls `body` for each row of a query, with its values in an array.
  func forEach(
    _ statement: Statement, _ values: [Value], body: (borrowing Row) -> Void
  ) throws(RegctlError) {
    try step(statement, values) { row in
      body(row)
      return true
    }
  }

  /// Calls `body` for each row of a statement assembled at run time, and returns the number of rows
  /// inserted, updated or deleted.
  @discardableResult
  func forEach(
    _ text: SQLText, _ values: [Value], body: (borrowing Row) -> Void
  ) throws(RegctlError) -> Int {
    try naming { () throws(DatabaseError) in
      try database.step(text, values) { row in
        body(row)
        return true
      }
    }
  }

  /// Calls `body` for each row of a statement assembled at run time for many runs, and returns the
  /// number of rows inserted, updated or deleted.
  @discardableResult
  func forEach(
    _ statement: AssembledStatement, _ values: [Value],
    body: (borrowing Row) -> Void = { _ in }
  ) throws(RegctlError) -> Int {
    try naming { () throws(DatabaseError) in
      try database.step(statement, values) { row in
        body(row)
        return true
      }
    }
  }

  @discardableResult
  private func step(
    _ statement: Statement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(RegctlError) -> Int {
    do throws(DatabaseError) {
      return try database.step(statement, values, body)
    } catch {
      throw .store(named(error))
    }
  }

  /// Runs a body in a transaction, which is committed only if the body returns.
  ///
  /// No other transaction of regctl writes at the same time, so that what is read inside cannot
  /// change before it is written. If the body or the commit fails, everything is rolled back and
  /// the error is thrown.
  ///
  /// An engine may have to run a body again, after a deadlock for example. So a body changes nothing
  /// but the database: it returns what it did, and does not set variables of its caller.
  ///
  /// `announce` is called once, after the body and before the commit: for what must be told to
  /// someone before it takes effect. If it throws, everything is rolled back.
  package func transaction<Result>(
    announcing announce: Announcement = { () throws(RegctlError) in },
    _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    if runsBodiesTwice {
      aroundFirstRun {
        // An error here is thrown again by the second run.
        guard (try? database.begin()) != nil else { return }
        _ = try? body()
        database.rollBack()
      }
    }
    try naming { () throws(DatabaseError) in try database.begin() }
    do throws(RegctlError) {
      if hidesReservedNumbers { try hideReservedNumbers() }
      let result = try bodyAfterOthers(body)
      try announce()
      try naming { () throws(DatabaseError) in try database.commit() }
      return result
    } catch {
      database.rollBack()
      throw explained(error)
    }
  }

  /// Runs a body, and once more if a server refused what it wrote: an application may have committed
  /// the same address after the body looked for it, and the second run finds it.
  private func bodyAfterOthers<Result>(
    _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    do throws(RegctlError) {
      return try body()
    } catch {
      guard case .store(.constraint) = error, case .server = location else { throw error }
      database.rollBack()
      guard try lateSequence() == nil else { throw error }
      try naming { () throws(DatabaseError) in try database.begin() }
      return try body()
    }
  }

  /// The error, with a reason that can be found only after its transaction.
  private func explained(_ error: RegctlError) -> RegctlError {
    guard case .store(.constraint) = error, let late = try? lateSequence() else { return error }
    return .store(.lateSequence(late))
  }
}
