/// A statement: a literal of the program into which nothing can be interpolated.
///
/// Parameters are `$1`, `$2` … and first appear in that order. A literal by itself is in words that
/// every engine takes; where only one engine understands the words, they are marked as its own.
package struct Statement: ExpressibleByStringLiteral, Sendable {
  /// The words for SQLite. Their address tells one statement from another.
  package let sqlite: StaticString

  /// A statement in words that every engine takes.
  package init(stringLiteral text: StaticString) { sqlite = text }

  /// A statement in words of SQLite alone.
  package init(sqlite text: StaticString) { sqlite = text }
}
