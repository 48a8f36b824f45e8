internal import Base
internal import SQL

/// What there is of a person, as it is exported.
extension Store {
  /// An account with the application's own columns.
  func personalAccount(_ account: Account) throws(RegctlError) -> PersonalAccount {
    let columns = try applicationColumns()
    let found = try storedAccounts(
      after: AccountID(rawValue: account.id.rawValue - 1), limit: 1, with: columns)
    var further: [PersonalAccount.Column] = []
    if let stored = found.accounts.first, stored.id == account.id {
      for (column, value) in zip(columns.all, found.columnValues[stored.columns]) {
        further.append(PersonalAccount.Column(name: column.name, value: value))
      }
    }
    let (shown, omitted) = PersonalAccount.divide(further)
    return PersonalAccount(
      id: account.id, email: account.email, isAdmin: account.isAdmin,
      isConfirmed: account.isConfirmed, registeredOn: account.registeredOn,
      confirmedOn: account.confirmedOn, columns: shown, omitted: omitted, removal: nil)
  }

  /// An account in the archive.
  func personalAccount(
    archived number: Int64, run: Int64
  ) throws(RegctlError) -> PersonalAccount {
    let before = ArchivedAccount(
      run: run, number: number - 1, email: .null, registeredAt: .null, notBefore: .null,
      columns: [])
    let found = try archivePage(after: before, limit: 1, of: accountsTable()).first
    guard let found, found.run == run, found.number == number else {
      throw ignoredChange(of: Self.archiveName)
    }
    let dates = try accountDates()
    func value(_ column: UsersMapping.Column) -> Value { found[mapping.name(of: column)] ?? .null }
    func isTrue(_ column: UsersMapping.Column) -> Bool {
      [.boolean(true), .integer(1)].contains(value(column))
    }
    func date(_ column: UsersMapping.Column, records: [Int64]) -> AccountDate? {
      guard case .text(let text) = value(column) else { return nil }
      return dates.date(text, records: records)
    }
    var records: [Int64] = []
    if case .integer(let second) = found.registeredAt { records = [second] }
    let further = found.columns.filter { !mapping.hasColumn($0.name) }.map { column in
      PersonalAccount.Column(name: column.name, value: ColumnValue(column.value))
    }
    let (shown, omitted) = PersonalAccount.divide(further)
    let email = if case .text(let text) = found.email { text } else { "" }
    return PersonalAccount(
      id: AccountID(rawValue: number), email: email, isAdmin: isTrue(.admin),
      isConfirmed: isTrue(.confirmed), registeredOn: date(.registeredOn, records: records),
      confirmedOn: date(.confirmedOn, records: []), columns: shown, omitted: omitted,
      removal: try removal(in: run))
  }

  private func removal(in run: Int64) throws(RegctlError) -> PersonalAccount.Removal {
    if run > 0 {
      let at = try first("SELECT at FROM regctl_prunes WHERE run = $1", .integer(run)) {
        $0.instant(0)
      }
      return PersonalAccount.Removal(at: at, run: run, reason: nil)
    }
    return try first("SELECT at, reason FROM regctl_audit WHERE id = $1", .integer(-run)) {
      PersonalAccount.Removal(at: $0.instant(0), run: nil, reason: $0.optionalText(1))
    } ?? PersonalAccount.Removal(at: nil, run: nil, reason: nil)
  }

  /// What was reported of the mails and addresses of a person, oldest first.
  func bounces(of person: Person) throws(RegctlError) -> [BounceRecord] {
    guard keepsBounces else { return [] }
    var found: [Int64: BounceRecord] = [:]
    if let account = person.account {
      for bounce in try bounces(of: account.id) { found[bounce.id] = bounce }
    }
    for address in person.addresses {
      try forEach(
        """
        SELECT id, mail_id, account_id, email, at, result, status, reply, reporter, suppresses,
          cleared_at
        FROM regctl_bounces WHERE lower(email {bytes}) = $1
        """, .text(address)
      ) { found[$0.integer(0)] = BounceRecord(row: $0) }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The requested changes of a person's address, oldest first.
  func changes(of person: Person) throws(RegctlError) -> [PersonalData.Change] {
    var found: [Int64: PersonalData.Change] = [:]
    if let account = person.account {
      try forEach(
        """
        SELECT request, old_email, new_email, requested_at, confirmed_at, voided_at
        FROM regctl_email_changes WHERE account_id = $1
        """, .integer(account.id.rawValue)
      ) { found[$0.integer(0)] = PersonalData.Change(row: $0) }
    }
    for address in person.addresses {
      try forEach(
        """
        SELECT request, old_email, new_email, requested_at, confirmed_at, voided_at
        FROM regctl_email_changes
        WHERE lower(old_email {bytes}) = $1 OR lower(new_email {bytes}) = $1
        """, .text(address)
      ) { found[$0.integer(0)] = PersonalData.Change(row: $0) }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The locks of a person's accounts, oldest first.
  func locks(of person: Person) throws(RegctlError) -> [Lock] {
    guard hasLocks else { return [] }
    var found: [Int64: Lock] = [:]
    if let account = person.account {
      try forEach(
        "SELECT domain, at, actor, reason, id FROM regctl_locks WHERE account_id = $1",
        .integer(account.id.rawValue)
      ) { found[$0.integer(4)] = Lock(row: $0) }
    }
    for address in person.addresses {
      try forEach(
        """
        SELECT domain, at, actor, reason, id FROM regctl_locks WHERE lower(email {bytes}) = $1
        """, .text(address)
      ) { found[$0.integer(4)] = Lock(row: $0) }
    }
    return found.sorted { $0.key < $1.key }.map(\.value)
  }

  /// The audit entries about a person, oldest first, those about many accounts too; without the
  /// addresses of others.
  func entries(for person: Person) throws(RegctlError) -> [AuditEntry] {
    var numbers = Set(try auditEntries(about: person))
    if let account = person.account {
      numbers.formUnion(
        try rows(
          "SELECT audit_id FROM regctl_audit_accounts WHERE account_id = $1",
          .integer(account.id.rawValue)
        ) { $0.integer(0) })
    }
    for address in person.addresses {
      numbers.formUnion(
        try rows(
          """
          SELECT audit_id FROM regctl_audit_accounts
          WHERE account_id < 0 AND lower(deleted_email {bytes}) = $1
          """, .text(address)
        ) { $0.integer(0) })
    }
    var entries: [AuditEntry] = []
    for number in numbers.sorted() {
      let entry = try first(
        """
        SELECT id, at, actor, uid, replace(act, '-continued', ''), account_id, email, {new_email},
          {detail}, reason
        FROM regctl_audit WHERE id = $1
        """, .integer(number), transform: auditEntry)
      guard var entry else { continue }
      func isOwn(_ email: String) -> Bool {
        person.addresses.contains { AddressSpellings.isSame($0, email) }
      }
      let isTheirs = entry.account != nil && entry.account == person.account?.id
      if !isTheirs {
        entry.email = entry.email.flatMap { isOwn($0) ? $0 : nil }
        entry.newEmail = entry.newEmail.flatMap { isOwn($0) ? $0 : nil }
      }
      entries.append(entry)
    }
    return entries
  }
}

extension PersonalData.Change {
  /// A change from the columns request, old_email, new_email, requested_at, confirmed_at, voided_at.
  fileprivate init(row: borrowing Row) {
    self.init(
      oldEmail: row.text(1), newEmail: row.text(2), requestedAt: row.instant(3),
      confirmedAt: row.optionalInstant(4), voidedAt: row.optionalInstant(5))
  }
}
