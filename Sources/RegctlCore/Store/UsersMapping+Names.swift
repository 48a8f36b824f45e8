internal import SQL

extension UsersMapping {
  /// What placeholders in statements stand for. In place of a column that the table does not have
  /// stands a value. `{table}` is the table itself, past a view that may have its name.
  var names: Names {
    var words = texts(table: "main.\(Self.identifier(table, original: "users"))")
    words["unconfirmed"] = indexOfUnconfirmed()
    words["bytes"] = "COLLATE BINARY"
    return Names(words)
  }

  /// What placeholders stand for in a PostgreSQL database, where regctl's tables have a schema.
  ///
  /// A view of the accounts could not be temporary behind a pooler, and a lasting one would keep the
  /// application from changing its table. So a query with the original's names stands in the place of
  /// `users` where it is read, which the server merges into the statement.
  var namesOnServer: Names {
    let own = Self.identifier(table, original: "users")
    var words = texts(table: own)
    words["unconfirmed"] = indexOfUnconfirmed(hasExpression: true)
    words["bytes"] = "COLLATE \"C\""
    // In place of a date must be one.
    if name(of: .registeredOn) == nil { words["registered_on"] = "CAST('-infinity' AS TIMESTAMP)" }
    if name(of: .confirmedOn) == nil { words["confirmed_on"] = "CAST(NULL AS TIMESTAMP)" }
    guard !isOriginal else { return Names(words, schema: "regctl") }
    let columns = Column.allCases.map { "\(words[$0.rawValue] ?? "") AS \($0.rawValue)" }
    let list = columns.joined(separator: ", ")
    return Names(words, schema: "regctl", queries: ["users": "(SELECT \(list) FROM \(own))"])
  }

  private func texts(table: String) -> [String: String] {
    var texts = ["users": Self.identifier(self.table, original: "users"), "table": table]
    for column in Column.allCases { texts[column.rawValue] = expression(of: column) }
    texts["language"] = language.map(Names.quoted) ?? "NULL"
    texts["columns"] = written.map(identifier).joined(separator: ", ")
    texts["parameters"] = (1...written.count).map { "$\($0)" }.joined(separator: ", ")
    // For an account that gets its number from the engine; the number is the first of the columns.
    texts["unnumbered_columns"] = written.dropFirst().map(identifier).joined(separator: ", ")
    texts["unnumbered_parameters"] = (1..<written.count).map { "$\($0)" }.joined(separator: ", ")
    return texts.merging(AuditForm.committed.columns) { $1 }
  }

  /// The columns of the index of accounts that are not confirmed, oldest first.
  ///
  /// SQLite does not use a partial index for a condition on an expression in a view, but does use
  /// an index on that expression (3.40.1).
  ///
  /// A server uses the partial index in each case. There it also has an expression: SQLAlchemy 0.9
  /// does not see such an index, so that Alembic 0.6.7, which cannot be told to leave out an index,
  /// does not drop it.
  private func indexOfUnconfirmed(hasExpression: Bool = false) -> String {
    let order = [.registeredOn, .id].filter { name(of: $0) != nil }.map(identifier)
      .joined(separator: ", ")
    if confirmation == .date, !hasExpression {
      return "(\(expression(of: .confirmed)), \(order))"
    }
    let condition = "\(expression(of: .confirmed)) = FALSE"
    return "(\(order)\(hasExpression ? ", (\(condition))" : ""))\nWHERE \(condition)"
  }

  private func identifier(_ column: Column) -> String {
    Self.identifier(name(of: column) ?? "", original: column.rawValue)
  }

  /// The text to read a column with.
  private func expression(of column: Column) -> String {
    if column == .confirmed, confirmation == .date {
      return "(\(identifier(.confirmedOn)) IS NOT NULL)"
    }
    guard name(of: column) != nil else {
      switch column {
      // Sorts before every date, and is none.
      case .registeredOn: return "''"
      case .admin, .confirmed: return "FALSE"
      case .confirmedOn, .id, .email, .password: return "NULL"
      }
    }
    return identifier(column)
  }

  /// A name in quotes unless it is the original's, whose definitions have none.
  private static func identifier(_ name: String, original: String) -> String {
    name == original ? name : Names.quoted(name)
  }
}
