internal import CIDN2

/// The version of libidn2 in use.
package enum LibraryVersion {
  /// The version of the library at run time, such as `2.3.3`; `nil` when it cannot be loaded. The
  /// corresponding C function is `idn2_check_version`.
  package static var text: String? {
    // The error is reported by the commands that need the library.
    guard let idn2 = unsafe try? IDN2Library.functions(),
      let version = unsafe idn2.pointee.idn2_check_version(nil)
    else { return nil }
    return unsafe String(cString: version)
  }
}
