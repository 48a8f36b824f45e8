internal import Glibc

/// A statement about some code that must be true for every input.
enum Property {
  /// Ends the process when the property does not hold. A precondition would, in a release build, not
  /// say which one it was.
  static func require(
    _ holds: Bool, _ property: StaticString, file: StaticString = #fileID, line: UInt = #line
  ) {
    if holds { return }
    let message = "property violated: \(property) (\(file):\(line))\n"
    var bytes = Array(message.utf8)
    _ = write(STDERR_FILENO, &bytes, bytes.count)
    abort()
  }
}
