internal import Base
internal import SQL

/// The tables, indexes and triggers named `regctl_…` that a database has.
struct FoundObjects {
  /// How a database keeps the definitions of indexes and triggers.
  enum Definitions {
    /// As they were written.
    case asWritten
    /// As the engine writes them again from what it understood: with parentheses and casts of its
    /// own, which depend on the types of the columns.
    case rewritten
  }

  private let definitionKind: Definitions

  /// What placeholders stand for in the definitions.
  private let placeholders: Names

  /// The kinds by name, as the database calls them.
  private var kinds: [String: String] = [:]

  /// The definitions of indexes and triggers by name.
  private var definitions: [String: String] = [:]

  init(definitions: Definitions, names: Names) {
    definitionKind = definitions
    placeholders = names
  }

  var names: Set<String> { Set(kinds.keys) }

  var hasTables: Bool { kinds.values.contains(SchemaObject.Kind.table.rawValue) }

  /// Adds an object; the definition of a table may be omitted.
  mutating func insert(_ kind: String, _ name: String, definition: String?) {
    kinds[name] = kind
    definitions[name] = definition
  }

  /// Whether an object is there, whatever its definition.
  func haveName(of object: SchemaObject) -> Bool { kinds[object.name] == object.kind.rawValue }

  /// Whether an object is there as the schema defines it, with an application's names. The columns
  /// of tables are not compared.
  func hold(_ object: SchemaObject) -> Bool {
    guard haveName(of: object) else { return false }
    switch object.kind {
    case .schema, .table: return true
    case .index, .trigger: break
    }
    // Other programs copy a table with its indexes, and lose what they do not know of them.
    guard let definition = definitions[object.name] else { return false }
    switch definitionKind {
    case .asWritten:
      return Self.ends(placeholders.fill(object.sql.sqlite), with: definition)
    case .rewritten:
      guard let words = object.sql.postgreSQL else { return false }
      return Self.ends(
        Self.essence(of: placeholders.fill(words)), with: Self.essence(of: definition))
    }
  }

  /// Whether something else has the name of an object, so that it cannot be created.
  func areInTheWay(of object: SchemaObject) -> Bool {
    kinds[object.name].map { $0 != object.kind.rawValue } ?? false
  }

  /// Whether the last statement of a text is a definition.
  private static func ends(_ text: String, with definition: String) -> Bool {
    text.utf8.suffix(definition.utf8.count).elementsEqual(definition.utf8)
  }

  /// What a definition says in any spelling: without blanks, parentheses, quotes of names, casts and
  /// case.
  ///
  /// A hash in a comment on the object would be simpler to compare, but says only what the object
  /// once was: `CREATE OR REPLACE FUNCTION` keeps the comment.
  private static func essence(of definition: String) -> String {
    var essence: [UInt8] = []
    var rest = Array(definition.utf8)[...]
    while let byte = rest.first {
      if byte == UInt8(ascii: ":"),
        let cast = casts.first(where: { rest.starts(with: $0.utf8) })
      {
        rest = rest.dropFirst(cast.utf8.count)
        continue
      }
      rest = rest.dropFirst()
      switch byte {
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "("), UInt8(ascii: ")"),
        UInt8(ascii: "\""):
        break
      default: essence.append(byte.lowercased)
      }
    }
    return String(decoding: essence, as: UTF8.self)
  }

  private static let casts = ["::text", "::character varying", "::boolean"]
}
