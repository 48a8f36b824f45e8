internal import SQL

/// Statements and transactions, whose failures the store names.
extension Store {
  /// Runs one statement to its end and returns how many rows it inserted, updated or deleted.
  @discardableResult
  func run(_ statement: Statement, _ values: Value...) throws(RegctlError) -> Int {
    try step(statement, values) { _ in true }
  }

  /// Runs one statement that inserts, updates or deletes one row of a table, and throws when it did
  /// not: a trigger may ignore what it is given, and no error says so (`RAISE(IGNORE)`).
  func changeOne(
    of table: String, _ statement: Statement, _ values: Value...
  ) throws(RegctlError) {
    guard try step(statement, values, { _ in true }) == 1 else { throw ignoredChange(of: table) }
  }

  /// Runs one statement that inserts a row into a table and returns its number.
  func insert(
    into table: String, _ statement: Statement, _ values: Value...
  ) throws(RegctlError) -> Int64 {
    var number: Int64?
    let count = try step(statement, values) { row in
      number = row.integer(0)
      return true
    }
    guard count == 1, let number else { throw ignoredChange(of: table) }
    return number
  }

  /// Runs statements that return nothing, several separated by semicolons.
  func execute(_ statements: Statement) throws(RegctlError) {
    try naming { () throws(DatabaseError) in try database.execute(statements) }
  }

  /// Transforms the first row of a query, or returns `nil` when it has none.
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

  /// Transforms every row of a query whose values were collected before.
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

  /// Transforms every row of a query, and tells those that hold what they cannot from the others.
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

  /// Reads every row of a query and calls `body` for those that hold what they cannot.
  func forEachMalformedRow(
    _ statement: Statement, reading read: (borrowing Row) -> Void, body: (MalformedValue) -> Void
  ) throws(RegctlError) {
    try step(statement, []) { row in
      read(row)
      if let value = row.takeFault() { body(value) }
      return true
    }
  }

  /// Runs a query for what is done with each row, which takes less than to collect them.
  func forEach(
    _ statement: Statement, _ values: Value..., body: (borrowing Row) -> Void
  ) throws(RegctlError) {
    try step(statement, values) { row in
      body(row)
      return true
    }
  }

  /// Runs a statement that was put together at run time for what is done with each row.
  func forEach(
    _ text: SQLText, _ values: [Value], body: (borrowing Row) -> Void
  ) throws(RegctlError) {
    try naming { () throws(DatabaseError) in
      try database.step(text, values) { row in
        body(row)
        return true
      }
    }
  }

  @discardableResult
  private func step(
    _ statement: Statement, _ values: [Value], _ body: (borrowing Row) -> Bool
  ) throws(RegctlError) -> Int {
    try naming { () throws(DatabaseError) in try database.step(statement, values, body) }
  }

  /// Runs a body in a transaction, which takes effect only if the body returns.
  ///
  /// No other transaction of regctl writes at the same time, so that what is read inside cannot
  /// change before it is written. When the body or the commit fails, everything is rolled back and
  /// the error is thrown.
  package func transaction<Result>(
    _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    try naming { () throws(DatabaseError) in try database.begin() }
    do throws(RegctlError) {
      let result = try body()
      try naming { () throws(DatabaseError) in try database.commit() }
      return result
    } catch {
      database.rollBack()
      throw error
    }
  }
}
