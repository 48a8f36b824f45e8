/// A value bound to a parameter of a statement.
package enum Value: Equatable, Sendable {
  case null
  case integer(Int64)
  case text(String)

  /// The integer, or `NULL`.
  package init(_ integer: Int64?) { self = integer.map(Value.integer) ?? .null }

  /// The text, or `NULL`.
  package init(_ text: String?) { self = text.map(Value.text) ?? .null }

  /// 0 or 1, as SQLAlchemy stores a Boolean.
  package init(_ boolean: Bool) { self = .integer(boolean ? 1 : 0) }
}
