/// What placeholders in statements stand for: an application names its table and columns.
///
/// A placeholder is a word in braces, such as `{users}`.
package struct Names: Equatable, Sendable {
  private let texts: [String: String]
  private let schema: String?

  /// The tables in whose place something else is read.
  private let replaced: Set<String>

  /// Names by placeholder, as they appear in SQL. With a schema, such as `regctl`, each word that
  /// begins with its name and an underscore gets it: `regctl_audit` becomes `regctl.regctl_audit`.
  ///
  /// `queries`, in parentheses, are read in place of tables, by their names: `FROM users u` becomes
  /// `FROM (SELECT …) u`. A table that is written is named by a placeholder.
  package init(
    _ texts: [String: String], schema: String? = nil, queries: [String: String] = [:]
  ) {
    self = Names(texts: texts, schema: schema, replaced: []).reading(queries)
  }

  private init(texts: [String: String], schema: String?, replaced: Set<String>) {
    self.texts = texts
    self.schema = schema
    self.replaced = replaced
  }

  /// The placeholder that a query stands for, which is no word of a statement.
  private static func mark(_ table: String) -> String { "=\(table)" }

  /// These names, and further ones by placeholder.
  package func adding(_ further: [String: String]) -> Names {
    Names(texts: texts.merging(further) { $1 }, schema: schema, replaced: replaced)
  }

  /// These names, and further queries that are read in place of tables.
  package func reading(_ queries: [String: String]) -> Names {
    let marked = queries.map { (Self.mark($0.key), $0.value) }
    return Names(
      texts: texts.merging(marked) { $1 }, schema: schema, replaced: replaced.union(queries.keys))
  }

  /// An identifier in double quotes.
  package static func quoted(_ name: String) -> String { SQLText.quote(name, "\"") }

  /// The SQL with its placeholders replaced, and its tables qualified by the schema.
  package func fill(_ text: StaticString) -> String { fill("\(text)") }

  /// The SQL with its placeholders replaced, and its tables qualified by the schema.
  package func fill(_ text: String) -> String {
    let filled = replacePlaceholders(in: replaced.isEmpty ? text : markTables(in: text))
    return schema.map { Self.qualify(filled, by: $0) } ?? filled
  }

  /// The words that can follow a table; any other word is its name in the statement.
  private static let followers: Set<String> = [
    "WHERE", "ORDER", "GROUP", "LIMIT", "ON", "LEFT", "JOIN", "CROSS", "UNION", "HAVING",
  ]

  /// Puts placeholders in the place of tables behind `FROM` and `JOIN`.
  private func markTables(in text: String) -> String {
    var rest = Array(text.utf8)[...]
    var marked: [UInt8] = []
    var reads = false
    while let byte = rest.first {
      if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") {
        let quoted = rest.dropFirst().firstIndex(of: byte) ?? rest.endIndex - 1
        marked += rest[...quoted]
        rest = rest[(quoted + 1)...]
        reads = false
      } else if let word = Self.word(at: rest) {
        rest = rest.dropFirst(word.utf8.count)
        if reads, replaced.contains(word) {
          marked += "{\(Self.mark(word))}".utf8
          let next = Self.word(
            at: rest.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\n") })
          if next.map({ Self.followers.contains($0) }) ?? true { marked += " \"\(word)\"".utf8 }
        } else {
          marked += word.utf8
        }
        reads = word == "FROM" || word == "JOIN"
      } else {
        if byte != UInt8(ascii: " "), byte != UInt8(ascii: "\n") { reads = false }
        marked.append(byte)
        rest = rest.dropFirst()
      }
    }
    return String(decoding: marked, as: UTF8.self)
  }

  /// The word that a text begins with.
  private static func word(at text: ArraySlice<UInt8>) -> String? {
    let word = text.prefix { continuesName($0) }
    return word.isEmpty ? nil : String(decoding: word, as: UTF8.self)
  }

  /// Text in quotes, names that are qualified already, and a table before its column stay as they
  /// are.
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
        !continuesName(index > 0 ? text[index - 1] : 0), !qualifiesColumn(text[index...])
      {
        qualified += "\(schema).".utf8
      }
      qualified.append(byte)
    }
    return String(decoding: qualified, as: UTF8.self)
  }

  private static func qualifiesColumn(_ text: ArraySlice<UInt8>) -> Bool {
    word(at: text).map { $0.utf8.contains(UInt8(ascii: ".")) } ?? false
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
