internal import SQL
internal import SQLite

/// What there is of a person, and its removal.
///
/// Rows of a living account have its number. Those of accounts that are gone have a negative number,
/// which several may have had, so they are found by an address.
extension Store {
  // MARK: Finding

  /// The negative numbers of the accounts that are gone with an address in lower case.
  func goneAccounts(withAddress address: String) throws(RegctlError) -> [Int64] {
    try rows(
      """
      SELECT -account_id FROM regctl_archive WHERE lower(email {bytes}) = $1
      UNION
      SELECT account_id FROM regctl_audit WHERE account_id < 0 AND lower(email {bytes}) = $1
      UNION
      SELECT account_id FROM regctl_audit_accounts
      WHERE account_id < 0 AND lower(deleted_email {bytes}) = $1
      UNION
      SELECT account_id FROM regctl_outbox WHERE account_id < 0 AND lower(email {bytes}) = $1
      UNION
      SELECT account_id FROM regctl_email_changes
      WHERE account_id < 0 AND lower(old_email {bytes}) = $1
      """, .text(address)
    ) { $0.integer(0) }
  }

  /// The address of the account with a number in the archive.
  func archivedAddress(of id: AccountID) throws(RegctlError) -> String? {
    try first(
      "SELECT email FROM regctl_archive WHERE account_id = $1 ORDER BY run DESC LIMIT 1",
      .integer(id.rawValue)
    ) { $0.text(0) }
  }

  /// The present address of an account that had another before.
  func presentAddress(ofFormer email: String) throws(RegctlError) -> String? {
    try first(
      """
      SELECT u.email FROM regctl_audit a JOIN users u ON u.id = a.account_id
      WHERE lower(a.email {bytes}) = lower($1 {bytes}) ORDER BY a.id DESC LIMIT 1
      """, .text(email)
    ) { $0.text(0) }
  }

  /// The archived accounts of a person: the run and the number of each.
  func archivedAccounts(
    of person: Person
  ) throws(RegctlError) -> [(run: Int64, account: Int64)] {
    var found: [(run: Int64, account: Int64)] = []
    for address in person.addresses {
      found += try rows(
        "SELECT run, account_id FROM regctl_archive WHERE lower(email {bytes}) = $1",
        .text(address)
      ) { (run: $0.integer(0), account: $0.integer(1)) }
    }
    return found
  }

  /// The numbers of the mails to a person.
  func mails(of person: Person) throws(RegctlError) -> Set<Int64> {
    var found: Set<Int64> = []
    if let account = person.account {
      found.formUnion(
        try rows(
          "SELECT id FROM regctl_outbox WHERE account_id = $1", .integer(account.id.rawValue)
        ) { $0.integer(0) })
    }
    for address in person.addresses {
      found.formUnion(
        try rows("SELECT id FROM regctl_outbox WHERE lower(email {bytes}) = $1", .text(address)) {
          $0.integer(0)
        })
    }
    return found
  }

  /// The numbers of the audit entries that have an address of a person, or name one in a reason, or
  /// are about the account; ascending.
  func auditEntries(about person: Person) throws(RegctlError) -> [Int64] {
    var found: Set<Int64> = []
    if let account = person.account {
      found.formUnion(
        try rows(
          "SELECT id FROM regctl_audit WHERE account_id = $1 AND nonce IS NOT NULL",
          .integer(account.id.rawValue)
        ) { $0.integer(0) })
    }
    try forEach(
      "SELECT id, email, new_email, reason FROM regctl_audit WHERE nonce IS NOT NULL ORDER BY id"
    ) { row in
      let id = row.integer(0)
      let (email, newEmail) = (row.optionalText(1), row.optionalText(2))
      let reason = row.optionalText(3)
      let isFound = person.addresses.contains { address in
        email.map { AddressSpellings.isSame($0, address) } ?? false
          || newEmail.map { AddressSpellings.isSame($0, address) } ?? false
          || reason.map { AddressMention.contains(address, in: $0) } ?? false
      }
      if isFound { found.insert(id) }
    }
    return found.sorted()
  }

  /// The password hashes of a person's accounts.
  func passwordHashes(of person: Person) throws(RegctlError) -> [String] {
    var found: [String] = []
    if let account = person.account {
      found += try rows(
        """
        SELECT CAST(password AS TEXT) FROM users WHERE id = $1
        UNION SELECT password FROM regctl_locked_passwords WHERE account_id = $1
        UNION SELECT placeholder FROM regctl_locked_passwords WHERE account_id = $1
        """, .integer(account.id.rawValue)
      ) { $0.text(0) }
    }
    for address in person.addresses {
      found += try rows(
        Statement(
          sqlite: """
            SELECT CAST(password AS TEXT) FROM regctl_archive WHERE lower(email) = $1
            UNION SELECT password FROM regctl_locked_passwords WHERE lower(email) = $1
            UNION SELECT placeholder FROM regctl_locked_passwords WHERE lower(email) = $1
            """,
          postgreSQL: """
            SELECT account ->> 'password' FROM regctl_archive WHERE lower(email COLLATE "C") = $1
            UNION SELECT password FROM regctl_locked_passwords WHERE lower(email COLLATE "C") = $1
            UNION SELECT placeholder FROM regctl_locked_passwords
            WHERE lower(email COLLATE "C") = $1
            """), .text(address)
      ) { $0.optionalText(0) ?? "" }
    }
    return found
  }

  // MARK: Removing

  /// Removes a person's rows but those in the table of accounts and in the audit.
  func removeTraces(of person: Person) throws(RegctlError) {
    for mail in try mails(of: person).sorted() {
      try run("DELETE FROM regctl_attempts WHERE mail_id = $1", .integer(mail))
      try changeOne(
        of: "regctl_outbox", "DELETE FROM regctl_outbox WHERE id = $1", .integer(mail))
    }
    for (account, run) in try archivedAccounts(of: person).map({ ($0.account, $0.run) }) {
      try changeOne(
        of: "regctl_archive", "DELETE FROM regctl_archive WHERE run = $1 AND account_id = $2",
        .integer(run), .integer(account))
      try removeArchivedColumns(of: .integer(account), in: .integer(run))
    }
    try removeBounces(of: person)
    try removeLanguage(of: person)
    if let account = person.account {
      let id = Value.integer(account.id.rawValue)
      try run("DELETE FROM regctl_email_changes WHERE account_id = $1", id)
      try run("DELETE FROM regctl_locks WHERE account_id = $1", id)
      try run("DELETE FROM regctl_locked_passwords WHERE account_id = $1", id)
    }
    for address in person.addresses {
      try run(
        """
        DELETE FROM regctl_email_changes
        WHERE lower(old_email {bytes}) = $1 OR lower(new_email {bytes}) = $1
        """, .text(address))
      try run("DELETE FROM regctl_locks WHERE lower(email {bytes}) = $1", .text(address))
      try run(
        "DELETE FROM regctl_locked_passwords WHERE lower(email {bytes}) = $1", .text(address))
    }
  }

  /// Empties the personal fields of audit entries, and the addresses of a person's accounts in
  /// entries about several; call it after the account was deleted.
  func emptyAudit(_ entries: [Int64], of person: Person) throws(RegctlError) {
    for entry in entries {
      try changeOne(
        of: "regctl_audit",
        """
        UPDATE regctl_audit SET email = NULL, new_email = NULL, reason = NULL, nonce = NULL
        WHERE id = $1
        """, .integer(entry))
    }
    for address in person.addresses {
      try run(
        """
        UPDATE regctl_audit_accounts SET deleted_email = ''
        WHERE account_id < 0 AND lower(deleted_email {bytes}) = $1
        """, .text(address))
    }
  }

  /// Forgets that a hash is of an account without a password, unless another account has it.
  func forgetNoPassword(_ hash: String) throws(RegctlError) {
    try run(
      Statement(
        sqlite: """
          DELETE FROM regctl_no_password WHERE hash = $1
            AND NOT EXISTS (SELECT 1 FROM users WHERE password = $1)
            AND NOT EXISTS (
              SELECT 1 FROM regctl_locked_passwords WHERE $1 IN (password, placeholder))
            AND NOT EXISTS (SELECT 1 FROM regctl_archive WHERE password = $1)
          """,
        postgreSQL: """
          DELETE FROM regctl_no_password WHERE hash = $1
            AND NOT EXISTS (SELECT 1 FROM users WHERE password = $1)
            AND NOT EXISTS (
              SELECT 1 FROM regctl_locked_passwords WHERE $1 IN (password, placeholder))
            AND NOT EXISTS (SELECT 1 FROM regctl_archive WHERE account ->> 'password' = $1)
          """), .text(hash))
  }

  // MARK: Overwriting

  /// Writes the whole database anew, so that what was deleted from it, now or earlier, is nowhere in
  /// its files; returns whether that was done.
  ///
  /// A server keeps deleted rows until it vacuums and in its log, and regctl cannot overwrite them.
  package func overwriteDeleted() throws(RegctlError) -> Bool {
    guard let file = database as? SQLiteDatabase else { return false }
    // A view of the name of the table would be in the way of its indexes.
    try execute(Statement(sqlite: "DROP VIEW IF EXISTS temp.users"))
    try naming { () throws(DatabaseError) in try file.overwriteDeleted() }
    try hideReservedNumbers()
    return true
  }
}
