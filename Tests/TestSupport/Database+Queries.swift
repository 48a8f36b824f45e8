package import SQL
package import SQLite

extension SQLiteDatabase {
  /// A database without a file, freed with its owner.
  package convenience init() throws {
    try self.init(path: "", access: .create, busyTimeout: .zero)
  }
}

extension Database {
  /// Runs a statement and returns the number of changed rows.
  @discardableResult
  package func run(_ statement: Statement, _ values: Value...) throws(DatabaseError) -> Int {
    try step(statement, values) { _ in true }
  }

  /// The first row of a query.
  package func first<Element>(
    _ statement: Statement, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(DatabaseError) -> Element? {
    var found: Element?
    try step(statement, values) { row in
      found = transform(row)
      return false
    }
    return found
  }

  /// Every row of a query.
  package func rows<Element>(
    _ statement: Statement, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(DatabaseError) -> [Element] {
    var elements: [Element] = []
    try step(statement, values) { row in
      elements.append(transform(row))
      return true
    }
    return elements
  }
}
