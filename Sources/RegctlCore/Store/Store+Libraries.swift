internal import PostgreSQL
internal import SQLite

extension Store {
  /// The version of the schema that this version of regctl reads and writes.
  package static var schemaVersion: Int64 { Schema.version }

  /// The library that files are read and written with.
  static var libraryOfFiles: Library {
    Library(
      name: "sqlite", version: SQLiteDatabase.libraryVersion,
      options: SQLiteDatabase.compileOptions.filter(isOfInterest))
  }

  /// The library that databases on a server are reached with.
  static var libraryOfServers: Library {
    Library(name: "libpq", version: PostgreSQL.LibraryVersion.text)
  }

  /// Whether a compile option changes what regctl does.
  ///
  /// THREADSAFE=0 would have no locks, SECURE_DELETE overwrites what is deleted, DEFAULT_SYNCHRONOUS and
  /// DEFAULT_WAL_SYNCHRONOUS are what other programs on the file use, ENABLE_COLUMN_METADATA names the
  /// table in errors, and TEMP_STORE says where sorting writes.
  private static func isOfInterest(_ option: String) -> Bool {
    let names = [
      "DEFAULT_SYNCHRONOUS", "DEFAULT_WAL_SYNCHRONOUS", "ENABLE_COLUMN_METADATA", "SECURE_DELETE",
      "TEMP_STORE", "THREADSAFE",
    ]
    return names.contains(String(option.prefix { $0 != "=" }))
  }
}
