internal import Base

/// A value of a column of the application's own, in a file of accounts.
package enum ColumnValue: Equatable, Sendable {
  case null
  case integer(Int64)
  case real(Double)
  case text(String)
  /// Text that is not valid UTF-8, as bytes.
  case malformedText([UInt8])
  case blob([UInt8])

  /// The words for the type of a value that the file's own types do not express.
  package enum TypeName: String, Sendable { case integer, real, text, blob }

  /// The beginning of a CSV field that is not plain text: `\TYPE:VALUE`, or a second one before text
  /// that begins with it.
  package static let escape = UInt8(ascii: "\\")

  // MARK: Reading

  /// A value of JSON.
  init(_ scalar: JSONScalar) {
    self =
      switch scalar {
      case .null: .null
      case .boolean(let boolean): .integer(boolean ? 1 : 0)
      case .number(let number): Self.number(number) ?? .text(number)
      case .text(let text): .text(text)
      }
  }

  /// A field of CSV, `nil` for `NULL`; `nil` when its beginning is not an escape.
  ///
  /// A number in a column of numbers is read here, because an engine may round it differently.
  init?(field: String?, isNumeric: Bool) {
    guard let field else {
      self = .null
      return
    }
    guard field.utf8.first == Self.escape else {
      self = (isNumeric ? Self.number(field) : nil) ?? .text(field)
      return
    }
    let rest = field.utf8.dropFirst()
    if rest.first == Self.escape {
      self = .text(String(Substring(rest)))
      return
    }
    guard let colon = rest.firstIndex(of: UInt8(ascii: ":")) else { return nil }
    self.init(
      type: String(Substring(rest[..<colon])), String(Substring(rest[colon...].dropFirst())))
  }

  /// A value with the name of its type: digits of a number, or bytes in hexadecimal.
  init?(type: String, _ text: String) {
    switch (TypeName(rawValue: type), Self.number(text)) {
    case (.integer, .integer(let integer)): self = .integer(integer)
    case (.real, .integer(let integer)): self = .real(Double(integer))
    case (.real, .real(let real)): self = .real(real)
    case (.text, _):
      guard let bytes = Hexadecimal.bytes(of: text) else { return nil }
      self = String(validating: bytes, as: UTF8.self).map(Self.text) ?? .malformedText(bytes)
    case (.blob, _):
      guard let bytes = Hexadecimal.bytes(of: text) else { return nil }
      self = .blob(bytes)
    default: return nil
    }
  }

  /// A number in decimal digits: an integer, unless it has a fraction or an exponent, or is too
  /// great for one.
  private static func number(_ text: String) -> ColumnValue? {
    if let integer = Int64(text) { return .integer(integer) }
    // Double also reads hexadecimal digits, and words.
    guard text.utf8.allSatisfy({ $0.isDigit || "+-.eE".utf8.contains($0) }) else { return nil }
    return Double(text).map(Self.real)
  }

  // MARK: Writing

  /// The digits of a number, from which it is read exactly.
  package static func digits(of real: Double) -> String {
    // Neither JSON nor SQL has a word for infinity; too great a number becomes it.
    real.isInfinite ? real < 0 ? "-9e999" : "9e999" : "\(real)"
  }

  /// The field of CSV; `nil` for `NULL`.
  ///
  /// `isTyped` says that the column makes numbers of digits.
  package func field(isTyped: Bool) -> String? {
    switch self {
    case .null: nil
    case .integer(let integer): isTyped ? "\(integer)" : Self.field(.integer, "\(integer)")
    case .real(let real):
      isTyped ? Self.digits(of: real) : Self.field(.real, Self.digits(of: real))
    case .text(let text): text.utf8.first == Self.escape ? #"\"# + text : text
    case .malformedText(let bytes): Self.field(.text, Hexadecimal.text(of: bytes))
    case .blob(let bytes): Self.field(.blob, Hexadecimal.text(of: bytes))
    }
  }

  private static func field(_ type: TypeName, _ text: String) -> String {
    #"\\#(type.rawValue):\#(text)"#
  }
}
