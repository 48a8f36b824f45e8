internal import CIDN2
internal import System

/// The functions of libidn2, which is loaded when a domain first needs it.
enum IDN2Library {
  private nonisolated(unsafe) static let table = unsafe DynamicLibrary.load(
    "libidn2.so.0", names: regctl_libidn2_names, as: regctl_libidn2.self)

  /// The functions of libidn2; throws if it cannot be loaded.
  static func functions() throws(IDN2Error) -> UnsafePointer<regctl_libidn2> {
    do throws(DynamicLibrary.LoadError) {
      return try unsafe table.get()
    } catch {
      throw .library(reason: error.reason)
    }
  }
}
