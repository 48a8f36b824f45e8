internal import CPQ
internal import SQL
internal import System

/// The functions of libpq, PostgreSQL's client library.
///
/// It is loaded when a connection is first made, since it takes longer to relocate than most
/// commands do.
enum PQLibrary {
  static let file = "libpq.so.5"

  /// The Debian package of the library.
  static let package = "libpq5"

  private nonisolated(unsafe) static let loaded = {
    ConnectionEnvironment.clear()
    return unsafe load(file)
  }()

  /// The functions of the library.
  static func functions() throws(DatabaseError) -> UnsafePointer<regctl_libpq> {
    try unsafe loaded.get()
  }

  /// Loads the library from a file.
  static func load(_ file: String) -> Result<UnsafePointer<regctl_libpq>, DatabaseError> {
    unsafe DynamicLibrary.load(file, names: regctl_libpq_names, as: regctl_libpq.self)
      .mapError { .libraryMissing(package: package, detail: $0.reason) }
  }
}
