/// What placeholders in statements stand for: an application names its table and columns.
///
/// A placeholder is a word in braces, such as `{users}`.
package struct Names: Equatable, Sendable {
  private let texts: [String: String]

  /// Names by placeholder, as they appear in SQL.
  package init(_ texts: [String: String]) { self.texts = texts }

  /// An identifier in double quotes.
  package static func quoted(_ name: String) -> String { SQLText.quote(name, "\"") }

  /// The SQL with its placeholders replaced.
  package func fill(_ text: StaticString) -> String {
    let text = "\(text)".utf8
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
