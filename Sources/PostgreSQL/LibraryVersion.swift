internal import CPQ

/// The version of libpq in use.
package enum LibraryVersion {
  /// The version of the library at run time, such as `15.14`; `nil` when it cannot be loaded. The
  /// corresponding C function is `PQlibVersion`.
  package static var text: String? {
    // The error is reported by the commands that need the library.
    guard let libpq = unsafe try? PQLibrary.functions() else { return nil }
    // Two numbers since version 10: 15.14 is 150014.
    let (major, minor) = unsafe libpq.pointee.PQlibVersion().quotientAndRemainder(
      dividingBy: 10_000)
    return "\(major).\(minor)"
  }
}
