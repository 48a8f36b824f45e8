internal import Base

/// What an application calls its table of accounts and the columns that regctl reads and writes: the
/// value of the settings `users_table` and `users_columns`.
package struct UsersMapping: Equatable, Sendable {
  /// A column of the original application's table.
  package enum Column: String, CaseIterable, Sendable {
    case id, email, password
    case registeredOn = "registered_on"
    case admin, confirmed
    case confirmedOn = "confirmed_on"

    /// Whether a table may be without the column.
    var isOptional: Bool {
      switch self {
      case .registeredOn, .admin, .confirmedOn: true
      case .id, .email, .password, .confirmed: false
      }
    }
  }

  /// How the table says that an account is confirmed.
  package enum Confirmation: Sendable {
    case flagAndDate, flag
    /// An account is confirmed when it has a date of confirmation.
    case date
  }

  /// The reason why a value of `users_columns` is invalid.
  package enum Fault: Error, Equatable, Sendable {
    /// A word is not `COLUMN=NAME`.
    case malformed(String)
    case unknownColumn(String, suggestion: String?)
    case repeated(String)
    /// The table must have the column.
    case required(Column)
    /// Two columns have one name.
    case sameName(Column, Column)
    /// The language is in a column that has another meaning.
    case languageIn(Column)
  }

  /// The word in place of a name that says that the table does not have the column.
  private static let missing = "none"

  /// The name of the table.
  package internal(set) var table: String

  /// The columns that have another name, or that the table does not have (`nil`).
  private var renamed: [Column: String?]

  /// The application's own column with the language of the account's mails; `nil` for none, as in the
  /// original.
  ///
  /// regctl only reads it: it stays a column of the application's own for `import` and `export`.
  package private(set) var language: String?

  /// The word for that column.
  private static let languageWord = "language"

  /// The words for all columns.
  package static let words = Column.allCases.map(\.rawValue) + [languageWord]

  /// The table of the original application.
  package static let original = UsersMapping(table: "users", renamed: [:])

  init(table: String, renamed: [Column: String?]) {
    self.table = table
    self.renamed = renamed
  }

  /// Whether the table and the columns that the original has are called as in the original.
  package var isOriginal: Bool {
    table == Self.original.table && renamed == Self.original.renamed
  }

  /// Takes the names of columns from a value of `users_columns`: `COLUMN=NAME`, separated by blanks.
  ///
  /// With `confirmed=confirmed_on` an account is confirmed when it has a date of confirmation.
  mutating func setColumns(_ text: String) throws(Fault) {
    renamed = [:]
    language = nil
    var words: Set<String> = []
    for word in text.split(separator: " ") {
      let parts = word.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      guard parts.count == 2, !parts[1].isEmpty else { throw .malformed(String(word)) }
      let (left, right) = (String(parts[0]), String(parts[1]))
      guard Self.words.contains(left) else {
        throw .unknownColumn(left, suggestion: EditDistance.nearest(to: left, among: Self.words))
      }
      guard words.insert(left).inserted else { throw .repeated(left) }
      guard let column = Column(rawValue: left) else {
        language = right == Self.missing ? nil : right
        continue
      }
      guard right != Self.missing || column.isOptional else { throw .required(column) }
      renamed.updateValue(right == Self.missing ? nil : right, forKey: column)
    }
    if renamed[.confirmed] == Column.confirmedOn.rawValue {
      guard let date = name(of: .confirmedOn) else { throw .required(.confirmed) }
      renamed[.confirmed] = date
    }
    try requireDifferentNames()
  }

  private func requireDifferentNames() throws(Fault) {
    for (index, second) in written.enumerated() {
      let first = written[..<index].first {
        name(of: $0)?.lowercased() == name(of: second)?.lowercased()
      }
      if let first { throw .sameName(first, second) }
    }
    if let language, let column = column(named: language) { throw .languageIn(column) }
  }

  /// The name of a column; `nil` when the table has none.
  package func name(of column: Column) -> String? { renamed[column] ?? column.rawValue }

  /// Whether a column of the table, compared without case, is one of those that regctl reads.
  func hasColumn(_ name: String) -> Bool { column(named: name) != nil }

  private func column(named name: String) -> Column? {
    Column.allCases.first { self.name(of: $0)?.lowercased() == name.lowercased() }
  }

  /// This mapping, with the column of the language that another has.
  func withLanguage(of other: UsersMapping) -> UsersMapping {
    var mapping = self
    mapping.language = other.language
    return mapping
  }

  package var confirmation: Confirmation {
    guard let date = name(of: .confirmedOn) else { return .flag }
    return name(of: .confirmed) == date ? .date : .flagAndDate
  }

  /// The columns that regctl writes, in order.
  var written: [Column] {
    Column.allCases.filter { column in
      name(of: column) != nil && (column != .confirmed || confirmation != .date)
    }
  }

  /// The settings that make this mapping, without those that have their default.
  package var settings: [(key: String, value: String)] {
    var columns = Column.allCases.filter { name(of: $0) != $0.rawValue }.map { column in
      let isDerived = column == .confirmed && confirmation == .date
      let name = isDerived ? Column.confirmedOn.rawValue : name(of: column) ?? Self.missing
      return "\(column.rawValue)=\(name)"
    }
    if let language { columns.append("\(Self.languageWord)=\(language)") }
    return [
      (key: "users_table", value: table),
      (key: "users_columns", value: columns.joined(separator: " ")),
    ].filter { !$0.value.isEmpty && $0.value != Self.original.table }
  }
}
