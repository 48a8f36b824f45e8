/// The parts of messages and hints that name the database engine or its tools.
enum DatabaseAdvice {
  /// What a file is expected to be.
  static let kind = "an SQLite database"

  /// The line that excludes regctl's objects from the migrations of Alembic; old versions pass tables
  /// to the function, but no indexes.
  static let alembic: Hint = """
    in migrations/env.py, pass to context.configure: include_object=lambda item, name, *rest: \
    not (name or "").startswith("regctl_")
    """

  /// What to do about a column of the language that does not exist.
  static let language: Hint = "correct language= in users_columns"

  /// The servers that regctl works with.
  static let supportedServers: Hint = "PostgreSQL 13 or later is needed"

  /// Where the form of a server's address is described.
  static let addressManual: Hint = "see db in regctl.conf(5)"

  /// For a database that is damaged.
  static let recover: Hint = "restore a backup, or see what is left with sqlite3 and .recover"

  /// For a damaged file that is in the place of a database.
  static let moveAway: Hint =
    "move it away, with the files -wal, -shm and -journal beside it, then run the command again"

  /// For a file whose deleted rows could not be overwritten.
  static let overwrite: Hint = """
    when no other program uses the database: sqlite3 DATABASE 'VACUUM; PRAGMA wal_checkpoint(TRUNCATE)'
    """

  /// What a server keeps of rows that were deleted.
  static let keptByServer: Hint =
    "the server keeps what was erased until it vacuums, and in its log and its backups"

  /// For an index that does not agree with its table.
  static let rebuildIndexes: Hint = "copy the database, then: sqlite3 DATABASE REINDEX"

  /// For a row with an invalid value that a command has met.
  static let correctRow: Hint =
    "correct the row with sqlite3, or restore a backup; regctl doctor lists such rows"

  /// For rows with invalid values that doctor lists.
  static let correctListedRows: Hint = "correct the row with sqlite3: commands that read it fail"
}
