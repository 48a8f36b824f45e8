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
