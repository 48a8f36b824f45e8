internal import Base
internal import RegctlCore

/// An account with all columns of the table, for `regctl import` and other programs.
struct StoredAccountRow: ResultRow {
  static let columns = [
    Column("id"), Column("email"), Column("password"), Column("registered_on"), Column("admin"),
    Column("confirmed"), Column("confirmed_on"),
  ]

  let account: StoredAccount

  /// The text that contains the fields of the account.
  let text: [UInt8]

  /// The application's own columns, and values that contain those of the account.
  let columns: [ApplicationColumn]
  let values: [ColumnValue]

  /// The languages of accounts; `nil` when there is no such column, which comes last.
  let languages: [AccountID: MailLanguage]?

  static let languageKey = "language"

  private var language: MailLanguage? { languages?[account.id] }

  /// The range of a column's text, for the columns after `id`; `nil` for `NULL`.
  private func part(_ column: Int) -> Range<Int>? {
    switch column {
    case 1: account.email
    case 2: account.password
    case 3: account.registeredOn
    case 4: account.admin
    case 5: account.confirmed
    default: account.confirmedOn
    }
  }

  var cells: [ReportValue] {
    var cells = [ReportValue.integer(account.id.rawValue)]
    cells.reserveCapacity(8 + columns.count)
    for column in 1...6 {
      guard let part = part(column) else {
        cells.append(.null)
        continue
      }
      cells.append(
        boolean(part, column).map(ReportValue.boolean)
          ?? .text(String(decoding: text[part], as: UTF8.self)))
    }
    for (column, value) in zip(columns, values[account.columns]) {
      cells.append(ReportValue(value.field(isTyped: column.isTyped)))
    }
    if languages != nil { cells.append(ReportValue(language?.tag)) }
    return cells
  }

  /// Appends the text without a string and a cell for each column; see `StoredAccounts`. An account
  /// without a language has no key for it.
  func appendMembers(
    _ keys: [[UInt8]], ofColumns chosen: some Collection<Int>, to output: inout [UInt8]
  ) {
    let languageColumn = 7 + columns.count
    for (key, column) in zip(keys, chosen) {
      if column == languageColumn {
        guard let language else { continue }
        output += key
        JSONRenderer.append(text: language.tag, to: &output)
        continue
      }
      output += key
      if column == 0 {
        output += String(account.id.rawValue).utf8
      } else if column > 6 {
        Self.append(values[account.columns.lowerBound + column - 7], to: &output)
      } else if let part = part(column) {
        if let boolean = boolean(part, column) {
          output += (boolean ? "true" : "false").utf8
        } else {
          JSONRenderer.append(utf8: text[part], to: &output)
        }
      } else {
        output += "null".utf8
      }
    }
  }

  /// Appends a value as JSON; a type that JSON does not have is the key of an object.
  private static func append(_ value: ColumnValue, to output: inout [UInt8]) {
    func appendBytes(_ type: ColumnValue.TypeName, _ bytes: [UInt8]) {
      JSONRenderer.append(
        [ReportField(type.rawValue, .text(Hexadecimal.text(of: bytes)))], to: &output)
    }
    switch value {
    case .null: output += "null".utf8
    case .integer(let integer): output += String(integer).utf8
    case .real(let real): output += ColumnValue.digits(of: real).utf8
    case .text(let text): JSONRenderer.append(text: text, to: &output)
    case .malformedText(let bytes): appendBytes(.text, bytes)
    case .blob(let bytes): appendBytes(.blob, bytes)
    }
  }

  /// The value of `admin` or `confirmed`, or `nil` when it is neither 0 nor 1.
  private func boolean(_ part: Range<Int>, _ column: Int) -> Bool? {
    guard column == 4 || column == 5, part.count == 1 else { return nil }
    switch text[part.lowerBound] {
    case UInt8(ascii: "0"): return false
    case UInt8(ascii: "1"): return true
    default: return nil
    }
  }

  /// Appends a CSV record (RFC 4180), with an empty field for `NULL`.
  ///
  /// For a terminal, dangerous characters are escaped.
  func appendCSV(isTerminal: Bool = false, to output: inout [UInt8]) {
    output += String(account.id.rawValue).utf8
    for column in 1...6 {
      output.append(UInt8(ascii: ","))
      guard let part = part(column) else { continue }
      Self.appendCSV(isTerminal ? Self.escaped(text[part]) : text[part], to: &output)
    }
    for (column, value) in zip(columns, values[account.columns]) {
      output.append(UInt8(ascii: ","))
      guard let field = value.field(isTyped: column.isTyped) else { continue }
      // Quotes distinguish empty text from `NULL`.
      if field.isEmpty { output += "\"\"".utf8 }
      let text = Array(field.utf8)[...]
      Self.appendCSV(isTerminal ? Self.escaped(text) : text, to: &output)
    }
    if languages != nil {
      output.append(UInt8(ascii: ","))
      if let language { output += language.tag.utf8 }
    }
    output += "\r\n".utf8
  }

  /// Appends the header line of CSV, with the names of the application's own columns.
  static func appendCSVHeader(with further: [String], to output: inout [UInt8]) {
    for (index, name) in (columns.map(\.name) + further).enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      appendCSV(Array(name.utf8)[...], to: &output)
    }
    output += "\r\n".utf8
  }

  private static func escaped(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    Array(TerminalText.escape(String(decoding: text, as: UTF8.self)).utf8)[...]
  }

  private static func appendCSV(_ text: ArraySlice<UInt8>, to output: inout [UInt8]) {
    let quote = UInt8(ascii: "\"")
    guard text.contains(where: { $0 == quote || $0 == UInt8(ascii: ",") || $0 < 0x20 }) else {
      output += text
      return
    }
    output.append(quote)
    for byte in text {
      if byte == quote { output.append(quote) }
      output.append(byte)
    }
    output.append(quote)
  }
}
