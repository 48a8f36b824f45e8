internal import Base

/// The values of one line, by field, before they are understood; what is not given is `null`.
struct AccountValues {
  let keys: AccountKeys

  /// Whether local parts may have characters beyond ASCII.
  let allowsUTF8: Bool
  private var values: [AccountField: JSONScalar] = [:]

  /// The values of the application's own columns, by position.
  private var columns: [ColumnValue?]

  /// Keys that mean nothing.
  private var unknown: [String] = []

  /// The number of unknown keys that are named at once.
  private static let greatestUnknownCount = 20

  init(_ keys: AccountKeys, allowsUTF8: Bool) {
    self.keys = keys
    self.allowsUTF8 = allowsUTF8
    columns = Array(repeating: nil, count: keys.columns.count)
  }

  /// Forgets the line before.
  mutating func clear() {
    values.removeAll(keepingCapacity: true)
    unknown = []
    for position in columns.indices { columns[position] = nil }
  }

  /// The value of a field.
  private subscript(field: AccountField) -> JSONScalar { values[field] ?? .null }

  /// The address, as far as there is one to name the line by.
  var email: String? { if case .text(let text) = self[.email] { text } else { nil } }

  /// Notes a member of a JSON object.
  mutating func set(_ key: String, _ value: JSONScalar) throws(ImportError.Fault) {
    switch meaning(of: key) {
    case .field(let field):
      guard values[field] == nil else { throw .repeatedField(key) }
      values[field] = value
    case .column(let position):
      try set(position, to: ColumnValue(value))
    case .ignored: break
    }
  }

  /// What a key means. One that means nothing is noted and ignored, so that all of them are known
  /// at the end of the line.
  mutating func meaning(of key: String) -> AccountKeys.Meaning {
    if let meaning = keys.meaning(of: key) { return meaning }
    if unknown.count < Self.greatestUnknownCount { unknown.append(key) }
    return .ignored
  }

  /// Notes the value of one of the application's own columns.
  mutating func set(_ position: Int, to value: ColumnValue?) throws(ImportError.Fault) {
    guard columns[position] == nil else { throw .repeatedField(keys.columns[position].key) }
    guard let value else { throw .columnValue(keys.columns[position].key) }
    columns[position] = value
  }

  /// Notes the fields of a record of CSV.
  mutating func set(
    _ meanings: [AccountKeys.Meaning], fields: [String?]
  ) throws(ImportError.Fault) {
    for (meaning, field) in zip(meanings, fields) {
      switch meaning {
      case .field(let name): values[name] = field.map(JSONScalar.text) ?? .null
      case .column(let position):
        let isNumeric = keys.columns[position].conversion == .number
        try set(position, to: ColumnValue(field: field, isNumeric: isNumeric))
      case .ignored: break
      }
    }
  }

  // MARK: Understanding

  /// The account that the values describe.
  func account() throws(ImportError.Fault) -> ImportedAccount {
    if let first = unknown.first {
      throw .unknownFields(unknown, suggestion: keys.suggestion(for: first))
    }
    switch self[.schema] {
    case .null, .number("1"), .text("1"), .text(""): break
    case .number(let text), .text(let text): throw .schema(text)
    case .boolean(let boolean): throw .schema("\(boolean)")
    }
    let email = try address()
    let confirmedOn = try date(.confirmedOn)
    return ImportedAccount(
      id: try number(), email: email, passwordHash: try hash(),
      registeredOn: try date(.registeredOn),
      isAdmin: try boolean(.admin) ?? false,
      isConfirmed: try boolean(.confirmed) ?? (confirmedOn != nil), confirmedOn: confirmedOn,
      language: try language(), columns: columnContents)
  }

  private var columnContents: [ImportedAccount.ColumnContent] {
    if columns.isEmpty { return [] }
    return columns.indices.compactMap { position in
      columns[position].map { ImportedAccount.ColumnContent(position: position, value: $0) }
    }
  }

  private func address() throws(ImportError.Fault) -> String {
    let text: String
    switch self[.email] {
    case .null, .text(""): throw .missingEmail
    case .text(let given), .number(let given): text = given
    case .boolean(let boolean): text = "\(boolean)"
    }
    do throws(AddressError) {
      _ = try EmailAddress(text, rule: .stored, allowsUTF8: allowsUTF8)
    } catch {
      throw .address(error)
    }
    return text
  }

  private func hash() throws(ImportError.Fault) -> PasswordHash {
    switch self[.password] {
    case .null, .text(""): return .unusable
    case .text(let text):
      let hash = PasswordHash(stored: PasswordHash(stored: text).plainText)
      guard hash == .unusable || hash.isHash else { throw .passwordHash }
      return hash
    case .boolean, .number: throw .passwordHash
    }
  }

  private func number() throws(ImportError.Fault) -> AccountID? {
    switch self[.id] {
    case .null, .text(""): return nil
    case .number(let text), .text(let text):
      guard text.utf8.allSatisfy(\.isDigit), let number = Int64(text), number > 0 else {
        throw .identity(text)
      }
      return AccountID(rawValue: number)
    case .boolean(let boolean): throw .identity("\(boolean)")
    }
  }

  private func language() throws(ImportError.Fault) -> MailLanguage? {
    switch self[.language] {
    case .null, .text(""): return nil
    case .text(let text), .number(let text):
      guard let language = MailLanguage(locale: text) else { throw .language(text) }
      return language
    case .boolean(let boolean): throw .language("\(boolean)")
    }
  }

  private func boolean(_ field: AccountField) throws(ImportError.Fault) -> Bool? {
    switch self[field] {
    case .null, .text(""): return nil
    case .boolean(let boolean): return boolean
    case .number(let text), .text(let text):
      switch text {
      case "0", "false", "False", "FALSE": return false
      case "1", "true", "True", "TRUE": return true
      default: throw .boolean(field, text)
      }
    }
  }

  private func date(_ field: AccountField) throws(ImportError.Fault) -> ImportedDate? {
    switch self[field] {
    case .null, .text(""): return nil
    case .text(let text):
      guard let date = ImportedDate(text) else { throw .date(field, text) }
      return date
    case .number(let text): throw .date(field, text)
    case .boolean(let boolean): throw .date(field, "\(boolean)")
    }
  }
}
