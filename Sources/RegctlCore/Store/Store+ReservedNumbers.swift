internal import SQL

/// Reserved numbers: the row of the greatest account stays, emptied, when the account is deleted from
/// a file.
///
/// SQLite would give its number to the next account
/// (<https://www.sqlite.org/autoinc.html>, section 2), and a browser session of the application
/// holds nothing but the number: the session of the deleted account would be logged in as the next
/// one. A reserved row is recognized by its address, `deleted-N@invalid` with its own number, so
/// that it needs no other table. It goes as soon as a greater number exists.
///
/// A server gives numbers by a sequence, and none of them again. So it has no such rows; there a
/// sequence is to be kept ahead of the numbers that accounts bring from elsewhere.
extension Store {
  /// The address of a reserved row; RFC 2606 section 2 keeps `invalid` free of mail.
  static func reservedAddress(_ number: Int64) -> String { "deleted-\(number)@invalid" }

  /// Excludes reserved rows from everything this connection reads from `users` from now on; writes
  /// name `{table}`.
  ///
  /// A view would cost each command its creation and each row a comparison, so where the table has
  /// the original's names, there is one only while there are reserved rows.
  func hideReservedNumbers() throws(RegctlError) {
    hidesReservedNumbers = true
    do throws(RegctlError) {
      if mapping.isOriginal {
        guard try hasReservedNumber() else { return }
      }
    } catch .store(.schemaChanged) {
      // Without the table of accounts, whatever does not need it can still be read.
      return
    }
    try makeView()
  }

  /// Makes the view that everything is read from, where the table has other names or reserved rows.
  func makeView() throws(RegctlError) {
    try execute(
      Statement(
        sqlite: """
          CREATE TEMP VIEW IF NOT EXISTS users AS
          SELECT {id} AS id, {email} AS email, {password} AS password,
            {registered_on} AS registered_on, {admin} AS admin, {confirmed} AS confirmed,
            {confirmed_on} AS confirmed_on
          FROM {table} WHERE {id} NOT IN (
            SELECT {id} FROM {table}
            WHERE {email} >= 'deleted-' AND {email} < 'deleted.'
              AND {email} = 'deleted-' || {id} || '@invalid'
              AND {confirmed} = FALSE AND {admin} = FALSE)
          """))
  }

  private func hasReservedNumber() throws(RegctlError) -> Bool {
    try first(
      """
      SELECT 1 FROM {table}
      WHERE {email} >= 'deleted-' AND {email} < 'deleted.'
        AND {email} = 'deleted-' || {id} || '@invalid' AND {confirmed} = FALSE AND {admin} = FALSE
      LIMIT 1
      """
    ) { _ in true } ?? false
  }

  /// The greatest number of the table, reserved or not; 0 when the table is empty.
  func greatestNumber() throws(RegctlError) -> Int64 {
    try first("SELECT coalesce(max({id}), 0) FROM {table}") { $0.integer(0) }
      ?? 0
  }

  /// What is needed to reserve a number after its row was deleted.
  struct NumberReservation {
    /// `nil` where no number is given out again.
    fileprivate let number: Int64?

    /// The values of the application's own columns that may not be empty.
    fileprivate let values: [(column: String, value: Value)]
  }

  /// Prepares to reserve the greatest number; call it before accounts are deleted in the same
  /// transaction.
  func prepareReservation() throws(RegctlError) -> NumberReservation {
    if case .server = location { return NumberReservation(number: nil, values: []) }
    let number = try greatestNumber()
    return NumberReservation(number: number, values: try requiredValues(of: number))
  }

  /// Reserves the number if its row was deleted and would be given out again; call it after the
  /// accounts were deleted.
  func reserve(_ reservation: NumberReservation, at now: Instant) throws(RegctlError) {
    guard let number = reservation.number else { return }
    if try greatestNumber() < number, try !numbersAlwaysGrow() {
      try insertReserved(
        number, address: Self.reservedAddress(number), values: reservation.values, at: now)
      guard try greatestNumber() == number else { throw ignoredChange(of: mapping.table) }
    }
    try releaseNumbers()
    try hideReservedNumbers()
  }

  /// Deletes reserved rows below the greatest number: theirs are no longer given out.
  func releaseNumbers() throws(RegctlError) {
    if case .server = location { return }
    try run(
      """
      DELETE FROM {table}
      WHERE {email} >= 'deleted-' AND {email} < 'deleted.'
        AND {email} = 'deleted-' || {id} || '@invalid' AND {confirmed} = FALSE AND {admin} = FALSE
        AND {id} < (SELECT max({id}) FROM {table})
      """)
  }

  /// Deletes the reserved row of a number, whose account comes back in the same transaction.
  func release(_ id: AccountID) throws(RegctlError) {
    if case .server = location { return }
    try run(
      """
      DELETE FROM {table}
      WHERE {id} = $1 AND {email} = 'deleted-' || {id} || '@invalid'
        AND {confirmed} = FALSE AND {admin} = FALSE
      """, .integer(id.rawValue))
  }

  /// Makes the next account get a number above one that an account brought: on a server, where a
  /// sequence does not know of it.
  ///
  /// The user needs the privilege `UPDATE` on the sequence, but only if the sequence is behind. See
  /// <https://www.postgresql.org/docs/15/functions-sequence.html>.
  func giveNumbers(past number: AccountID) throws(RegctlError) {
    guard case .server = location else { return }
    try run(
      Statement(
        postgreSQL: """
          SELECT pg_catalog.setval(s.sequence, $1)
          FROM (
            SELECT CAST(pg_catalog.pg_get_serial_sequence($2, $3) AS regclass) AS sequence
          ) s
          WHERE coalesce(pg_catalog.pg_sequence_last_value(s.sequence), 0) < $1
          """), .integer(number.rawValue), .text(Names.quoted(mapping.table)),
      Value(mapping.name(of: .id)))
  }

  /// The sequence of the numbers, if it has given some, is behind them and the user may see that;
  /// `nil` for a file.
  func lateSequence() throws(RegctlError) -> LateSequence? {
    guard case .server = location, try hasTable(mapping.table) else { return nil }
    return try first(
      Statement(
        postgreSQL: """
          SELECT CAST(s.sequence AS TEXT), g.greatest
          FROM (
            SELECT CAST(pg_catalog.pg_get_serial_sequence($1, $2) AS regclass) AS sequence
          ) s
          CROSS JOIN (SELECT coalesce(max({id}), 0) AS greatest FROM {table}) g
          WHERE CASE WHEN pg_catalog.has_sequence_privilege(s.sequence, 'USAGE, SELECT')
            THEN pg_catalog.pg_sequence_last_value(s.sequence) < g.greatest END
          """), .text(Names.quoted(mapping.table)), Value(mapping.name(of: .id))
    ) { LateSequence(name: $0.text(0), greatest: $0.integer(1)) }
  }

  /// The address of the account that has a number, or of the row that reserves it.
  func holder(of id: AccountID) throws(RegctlError) -> String? {
    try first(
      "SELECT {email} FROM {table} WHERE {id} = $1", .integer(id.rawValue)
    ) { $0.text(0) }
  }

  /// Whether the table is declared AUTOINCREMENT, so that a number is never given out again.
  private func numbersAlwaysGrow() throws(RegctlError) -> Bool {
    guard try hasTable("sqlite_sequence") else { return false }
    return try first(
      Statement(sqlite: "SELECT 1 FROM sqlite_sequence WHERE lower(name) = lower($1)"),
      .text(mapping.table)
    ) { _ in true } ?? false
  }
}
