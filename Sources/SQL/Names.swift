/// What placeholders in statements stand for: an application names its table and columns.
///
/// A placeholder is a word in braces, such as `{users}`.
package struct Names: Equatable, Sendable {
  private let texts: [String: String]
  private let schema: String?

  /// Names by placeholder, as they appear in SQL. With a schema, such as `regctl`, each word that
  /// begins with its name and an underscore gets it: `regctl_audit` becomes `regctl.regctl_audit`.
  package init(_ texts: [String: String], schema: String? = nil) {
    self.texts = texts
    self.schema = schema
  }

  /// These names, and further ones by placeholder.
  package func adding(_ further: [String: String]) -> Names {
    Names(texts.merging(further) { $1 }, schema: schema)
  }

  /// An identifier in double quotes.
  package static func quoted(_ name: String) -> String { SQLText.quote(name, "\"") }

  /// The SQL with its placeholders replaced, and its tables qualified by the schema.
  package func fill(_ text: StaticString) -> String { fill("\(text)") }

  /// The SQL with its placeholders replaced, and its tables qualified by the schema.
  package func fill(_ text: String) -> String {
    schema.map { Self.qualify(replacePlaceholders(in: text), by: $0) }
      ?? replacePlaceholders(in: text)
  }

  /// Text in quotes, and names that are qualified already, stay as they are.
  private static func qualify(_ text: String, by schema: String) -> String {
    let prefix = Array("\(schema)_".utf8)
    let text = Array(text.utf8)
    var qualified: [UInt8] = []
    var quote: UInt8?
    for (index, byte) in text.enumerated() {
      if let open = quote {
        if byte == open { quote = nil }
      } else if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        quote = byte
      } else if byte == prefix[0], text[index...].starts(with: prefix),
        !continuesName(index > 0 ? text[index - 1] : 0)
      {
        qualified += "\(schema).".utf8
      }
      qualified.append(byte)
    }
    return String(decoding: qualified, as: UTF8.self)
  }

  private static func continuesName(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "."):
      true
    default: false
    }
  }

  private func replacePlaceholders(in text: String) -> String {
    let text = text.utf8
    guard text.contains(UInt8(ascii: "{")) else { return String(text) }
    let parts = text.split(separator: UInt8(ascii: "{"), omittingEmptySubsequences: false)
    return parts.dropFirst().reduce(into: String(Substring(parts[0]))) { filled, part in
      let end = part.firstIndex(of: UInt8(ascii: "}")) ?? part.endIndex
      guard end < part.endIndex, let name = texts[String(Substring(part[..<end]))] else {
        preconditionFailure("no placeholder {\(Substring(part))")
      }
      filled += name + String(Substring(part[end...].dropFirst()))
    }
  }
}
