/// A column of the application's own in the table of accounts, as export and import name it.
package struct ApplicationColumn: Equatable, Sendable {
  /// What the column makes of a value that is stored in it.
  enum Conversion: Sendable {
    case none
    /// Digits become a number.
    case number
    /// A number becomes digits.
    case text
  }

  /// How the engine reads and writes the values of a column.
  enum Form: Sendable {
    /// As they are.
    case value
    /// As the engine's text of them.
    case text
    /// As a time with its offset, which the engine's text has in the zone of the connection.
    case zonedTime
    /// As the text of a JSON document.
    case document
  }

  /// The name in the table.
  package let name: String
  let conversion: Conversion
  let isNullable: Bool

  /// Whether an account that is inserted without a value gets one.
  let hasDefault: Bool
  var form = Form.value

  /// What a key begins with when the name alone would mean something else.
  private static let prefix = "column."

  /// The key in a file: the name, or `column.NAME` where the name is that of a field of an account.
  package var key: String {
    let isField = AccountField(rawValue: name).map { !$0.yieldsToColumn } ?? false
    let isAmbiguous = isField || name.utf8.starts(with: Self.prefix.utf8)
    return isAmbiguous ? Self.prefix + name : name
  }

  /// The name in the table that a key means if it is not a field of an account.
  static func name(ofKey key: String) -> String {
    key.utf8.starts(with: prefix.utf8)
      ? String(Substring(key.utf8.dropFirst(prefix.utf8.count))) : key
  }

  /// Whether a number needs no type in CSV, because the column has one.
  package var isTyped: Bool { conversion != .none }
}
