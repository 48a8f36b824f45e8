internal import SQL

/// A table, an index or a trigger of regctl's schema, or on a server that schema itself.
struct SchemaObject: Sendable {
  enum Kind: String, Sendable {
    case schema, table, index, trigger
  }

  let kind: Kind
  let name: String
  let summary: String

  /// Creates the object, after dropping an index or a trigger of the same name.
  ///
  /// The last statement is the definition, which SQLite keeps literally: a change of its text needs a
  /// new version of the schema. On a server the definition of a trigger includes its function's.
  let sql: Statement

  /// The first version of the schema that has an object of this name.
  let firstVersion: Int64

  init(
    _ kind: Kind, _ name: String, summary: String, sql: Statement, since firstVersion: Int64 = 1
  ) {
    self.kind = kind
    self.name = name
    self.summary = summary
    self.sql = sql
    self.firstVersion = firstVersion
  }

  /// The kind and the name, for messages.
  var description: String { "\(kind.rawValue) \(name)" }
}
