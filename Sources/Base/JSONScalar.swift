/// A JSON value that is neither an object nor an array (RFC 8259, section 3).
package enum JSONScalar: Equatable, Sendable {
  case null
  case boolean(Bool)
  /// A number as written.
  case number(String)
  case text(String)
}
