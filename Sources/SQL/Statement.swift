/// A statement: a string literal without interpolation.
///
/// Parameters are `$1`, `$2` … and first appear in that order. A plain literal is valid in every
/// engine; SQL that only one engine accepts is marked as such.
package struct Statement: ExpressibleByStringLiteral, Sendable {
  /// The text for SQLite. Its address identifies the statement.
  package let sqlite: StaticString

  /// A statement that is valid in every engine.
  package init(stringLiteral text: StaticString) { sqlite = text }

  /// A statement for SQLite only.
  package init(sqlite text: StaticString) { sqlite = text }
}
