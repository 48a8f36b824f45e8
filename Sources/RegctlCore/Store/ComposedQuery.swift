internal import SQL

/// A query put together from fixed words, with a condition only for what is asked for: one that is
/// always true takes time for each row.
struct ComposedQuery {
  private(set) var text: SQLText
  private(set) var values: [Value] = []

  init(_ text: SQLText) { self.text = text }

  mutating func append(_ words: Statement) { text.append(words) }

  /// Binds a value to the next parameter, which words name by its number.
  mutating func bind(_ value: Value) { values.append(value) }

  /// Appends words and a value after them.
  mutating func append(_ words: Statement, _ value: Value) {
    values.append(value)
    text.append(words)
    text.append(parameter: values.count)
  }

  /// Appends words that end with a column, and the condition that it has one of some numbers.
  mutating func append(_ words: Statement, in numbers: [Int64]) {
    append(words, memberOf: .integers(numbers))
  }

  /// Appends words that end with a column, and the condition that it has one of some texts.
  mutating func append(_ words: Statement, in texts: [String]) {
    append(words, memberOf: .texts(texts))
  }

  private mutating func append(_ words: Statement, memberOf list: Value) {
    text.append(words)
    append(Statement(sqlite: " IN (SELECT value FROM json_each(", postgreSQL: " = ANY ("), list)
    text.append(Statement(sqlite: "))", postgreSQL: ")"))
  }

  /// Appends the condition that a column is like one of several patterns of SQL, ignoring ASCII case
  /// as `LIKE` of SQLite does; nothing for no pattern.
  mutating func append(column: Statement, likeAnyOf patterns: [String]) {
    append(columns: [column], likeAnyOf: patterns)
  }

  /// Appends the condition that one of several columns is like one of several patterns.
  mutating func append(columns: [Statement], likeAnyOf patterns: [String]) {
    if patterns.isEmpty { return }
    var conjunction: Statement = " AND ("
    for column in columns {
      for pattern in patterns {
        text.append(conjunction)
        append(column, like: pattern)
        conjunction = " OR "
      }
    }
    text.append(")")
  }

  /// Appends the condition that a column is like a pattern.
  mutating func append(_ column: Statement, like pattern: String) {
    text.append(Statement(sqlite: "", postgreSQL: "lower("))
    text.append(column)
    append(
      Statement(
        sqlite: " LIKE ",
        postgreSQL: """
           COLLATE "C") LIKE lower(
          """), .text(pattern))
    text.append(
      Statement(
        sqlite: " ESCAPE '\\'",
        postgreSQL: """
           COLLATE "C") ESCAPE '\\'
          """))
  }

  /// The pattern of a text that stands for itself.
  static func pattern(of text: String) -> String {
    var escaped = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      if scalar == "%" || scalar == "_" || scalar == "\\" { escaped.append("\\") }
      escaped.append(scalar)
    }
    return String(escaped)
  }
}

extension Store {
  /// The number that a query counts.
  func count(_ query: ComposedQuery) throws(RegctlError) -> Int {
    var count = 0
    try forEach(query.text, query.values) { count = $0.count(0) }
    return count
  }
}
