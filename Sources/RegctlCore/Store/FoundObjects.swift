internal import SQL

/// The tables, indexes and triggers named `regctl_…` that a database has.
struct FoundObjects {
  /// The kinds by name, as the database calls them.
  private var kinds: [String: String] = [:]

  /// The definitions of indexes and triggers by name.
  private var definitions: [String: String] = [:]

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
  func hold(_ object: SchemaObject, naming names: Names) -> Bool {
    guard haveName(of: object) else { return false }
    guard object.kind != .table else { return true }
    // Other programs copy a table with its indexes, and lose what they do not know of them.
    guard let definition = definitions[object.name]?.utf8 else { return false }
    return names.fill(object.sql.sqlite).utf8.suffix(definition.count).elementsEqual(definition)
  }

  /// Whether something else has the name of an object, so that it cannot be created.
  func areInTheWay(of object: SchemaObject) -> Bool {
    kinds[object.name].map { $0 != object.kind.rawValue } ?? false
  }
}
