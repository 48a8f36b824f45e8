/// A statement: a string literal without interpolation, or a pair of them.
///
/// Parameters are `$1`, `$2` … and first appear in that order. A plain literal is valid in every
/// engine; SQL that only one engine accepts is marked as such.
package struct Statement: ExpressibleByStringLiteral, Sendable {
  /// The text for SQLite. Its address identifies the statement.
  package let sqlite: StaticString

  /// The text for PostgreSQL, whose address identifies the statement there; `nil` if the statement
  /// is for SQLite only.
  package let postgreSQL: StaticString?

  /// A statement that is valid in every engine.
  package init(stringLiteral text: StaticString) {
    sqlite = text
    postgreSQL = text
  }

  /// A statement for SQLite only.
  package init(sqlite text: StaticString) {
    sqlite = text
    postgreSQL = nil
  }

  /// A statement for PostgreSQL only, which SQLite rejects.
  package init(postgreSQL text: StaticString) {
    sqlite = text
    postgreSQL = text
  }

  /// A statement whose engines need different words.
  package init(sqlite: StaticString, postgreSQL: StaticString) {
    self.sqlite = sqlite
    self.postgreSQL = postgreSQL
  }
}
