/// Why bytes are not JSON that can be read.
package enum JSONError: Error, Equatable, Sendable {
  /// Something is out of place, at a byte counted from 1; or objects and arrays lie too deep there.
  case syntax(byte: Int)
  /// A string that is not UTF-8.
  case notUTF8
}
