/// The reason why bytes cannot be read as JSON.
package enum JSONError: Error, Equatable, Sendable {
  /// A syntax error at a byte, counted from 1; or objects and arrays are nested too deeply there.
  case syntax(byte: Int)
  /// A string that is not UTF-8.
  case notUTF8
}
