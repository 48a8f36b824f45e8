package import SQL

/// Locks that a session of the server holds until it ends.
///
/// See <https://www.postgresql.org/docs/15/explicit-locking.html#ADVISORY-LOCKS>. A pooler gives the
/// session to others between transactions, so there must be none (`isPooled`).
extension PostgreSQLDatabase {
  /// Takes the lock with a key, unless another session has it.
  package func tryAdvisoryLock(_ key: Int64) throws(DatabaseError) -> Bool {
    try answer("SELECT pg_catalog.pg_try_advisory_lock($1)", key)
  }

  /// Whether this session, as the server knows it now, has the lock with a key.
  package func holdsAdvisoryLock(_ key: Int64) throws(DatabaseError) -> Bool {
    try answer(
      """
      SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_locks \
      WHERE locktype = 'advisory' AND pid = pg_catalog.pg_backend_pid() AND granted \
      AND database = (SELECT oid FROM pg_catalog.pg_database \
      WHERE datname = pg_catalog.current_database()) \
      AND CAST(classid AS bigint) << 32 | CAST(objid AS bigint) = $1 AND objsubid = 1)
      """, key)
  }

  /// Gives the lock with a key back.
  package func releaseAdvisoryLock(_ key: Int64) throws(DatabaseError) {
    _ = try answer("SELECT pg_catalog.pg_advisory_unlock($1)", key)
  }

  private func answer(_ query: String, _ key: Int64) throws(DatabaseError) -> Bool {
    var answer = false
    try ask(query, [.integer(key)]) { row in
      answer = row.boolean(0)
      return true
    }
    return answer
  }
}
