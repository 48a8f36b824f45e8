package import SQL

/// Settings and checks made with pragmas; see <https://www.sqlite.org/pragma.html>.
extension SQLiteDatabase {
  /// Makes every commit durable when it returns, and detects damaged pages.
  ///
  /// SQLite's own default loses acknowledged commits on power failure. A cache of 8 MB keeps the
  /// index of a few hundred thousand addresses between batches.
  package func commitDurably() throws(DatabaseError) {
    try execute(
      Statement(
        sqlite: "PRAGMA synchronous=EXTRA; PRAGMA cell_size_check=ON; PRAGMA cache_size=-8192"))
  }

  /// Whether the database has a write-ahead log; that stays so while it is open.
  var hasLog: Bool {
    get throws(DatabaseError) {
      var mode = ""
      try step(Statement(sqlite: "PRAGMA journal_mode"), []) { row in
        mode = row.text(0)
        return false
      }
      return mode == "wal"
    }
  }

  /// Runs a body whose commits are durable only when the log is synced after it.
  ///
  /// With `NORMAL`, SQLite syncs a log before it is copied into the database, and no commit.
  func leavingSyncOut<Result>(
    _ body: () throws(DatabaseError) -> Result
  ) throws(DatabaseError) -> Result {
    try execute(Statement(sqlite: "PRAGMA synchronous=NORMAL"))
    let result: Swift.Result<Result, DatabaseError>
    do throws(DatabaseError) {
      result = .success(try body())
    } catch {
      result = .failure(error)
    }
    try execute(Statement(sqlite: "PRAGMA synchronous=EXTRA"))
    return try result.get()
  }

  /// The corresponding pragma is `data_version`.
  package func writesOfOthers() throws(DatabaseError) -> Int64 {
    var version: Int64 = 0
    try step(Statement(sqlite: "PRAGMA data_version"), []) { row in
      version = row.integer(0)
      return false
    }
    return version
  }

  /// Rejects every change from now on.
  package func refuseChanges() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA query_only=ON"))
  }

  /// Uses 64 MB of page cache.
  package func enlargeCache() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY"))
  }

  /// Overwrites from now on what is deleted, wherever SQLite was built not to.
  package func overwriteWhatIsDeleted() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA secure_delete=ON"))
  }

  /// Turns durability off, for temporary databases.
  package func forgoDurability() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"))
  }

  /// Switches to a write-ahead log.
  package func useLog() throws(DatabaseError) {
    var mode = ""
    try step(Statement(sqlite: "PRAGMA journal_mode=WAL"), []) { row in
      mode = row.text(0)
      return false
    }
    guard mode == "wal" else { throw .inputOutput(detail: "journal mode \(mode)") }
  }

  /// Writes the whole database anew and empties the log, so that neither has what was deleted.
  ///
  /// Deleted rows stay in unused parts of pages, and in pages of the log, until these are used again
  /// (<https://www.sqlite.org/lang_vacuum.html>). Samples of indexes that `ANALYZE` took are other
  /// copies. Throws `busy` if another connection reads from the log all the time.
  package func overwriteDeleted() throws(DatabaseError) {
    var hasSamples = false
    try step(
      Statement(sqlite: "SELECT 1 FROM sqlite_schema WHERE name = 'sqlite_stat4'"), []
    ) { _ in
      hasSamples = true
      return false
    }
    if hasSamples { try execute(Statement(sqlite: "DELETE FROM sqlite_stat4")) }
    try execute(Statement(sqlite: "PRAGMA secure_delete=ON; VACUUM"))
    var isBusy = false
    try step(Statement(sqlite: "PRAGMA wal_checkpoint(TRUNCATE)"), []) { row in
      isBusy = row.integer(0) != 0
      return false
    }
    if isBusy { throw .busy }
  }

  /// The corresponding pragma is `integrity_check`.
  package func firstFault() throws(DatabaseError) -> String? {
    var answer = ""
    try step(Statement(sqlite: "PRAGMA integrity_check(1)"), []) { row in
      answer = row.text(0)
      return false
    }
    return answer == "ok" ? nil : answer
  }
}
