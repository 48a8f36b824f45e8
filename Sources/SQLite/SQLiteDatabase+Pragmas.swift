package import SQL

/// What is asked of SQLite by pragmas; see <https://www.sqlite.org/pragma.html>.
extension SQLiteDatabase {
  /// Has every commit on the disk when it returns, and notices damaged pages.
  ///
  /// SQLite's own default loses acknowledged commits when the power fails. A cache of 8 MB keeps the
  /// index of a few hundred thousand addresses from batch to batch.
  package func commitDurably() throws(DatabaseError) {
    try execute(
      Statement(
        sqlite: "PRAGMA synchronous=EXTRA; PRAGMA cell_size_check=ON; PRAGMA cache_size=-8192"))
  }

  /// Refuses every change from now on.
  package func refuseChanges() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA query_only=ON"))
  }

  /// Takes 64 MB for pages.
  package func enlargeCache() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA cache_size=-65536; PRAGMA temp_store=MEMORY"))
  }

  /// Keeps nothing that would outlive a kill, which is right for what is thrown away.
  package func forgoDurability() throws(DatabaseError) {
    try execute(Statement(sqlite: "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF"))
  }

  /// Changes to a write-ahead log; `false` when SQLite did not.
  package func useLog() throws(DatabaseError) -> Bool {
    var mode = ""
    try step(Statement(sqlite: "PRAGMA journal_mode=WAL"), []) { row in
      mode = row.text(0)
      return false
    }
    return mode == "wal"
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
