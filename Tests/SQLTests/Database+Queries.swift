import SQL
import SQLite

extension SQLiteDatabase {
  /// A database without a file, gone with its owner.
  convenience init() throws { try self.init(path: "", access: .create, busyTimeout: .zero) }

  func run(_ statement: Statement, _ values: Value...) throws {
    try step(statement, values) { _ in true }
  }

  func first<Element>(
    _ statement: Statement, _ values: Value..., transform: (borrowing Row) -> Element
  ) throws(DatabaseError) -> Element? {
    var found: Element?
    try step(statement, values) { row in
      found = transform(row)
      return false
    }
    return found
  }

  func rows<Element>(
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
