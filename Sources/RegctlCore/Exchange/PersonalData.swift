/// Everything that is known about a person, for that person: no secrets, and of entries about others
/// only what names this person.
package struct PersonalData: Sendable {
  /// A requested change of address.
  package struct Change: Equatable, Sendable {
    package let oldEmail: String
    package let newEmail: String
    package let requestedAt: Instant
    package let confirmedAt: Instant?
    package let voidedAt: Instant?
  }

  /// A mail and the attempts at which it was not accepted.
  package struct Mail: Sendable {
    package let entry: OutboxEntry
    package let attempts: [DeliveryAttempt]
  }

  /// The address by which the person was found.
  package let email: String

  /// All addresses that the person has, had or asked for, in lower case.
  package let addresses: [String]

  /// The account; `nil` if it was pruned or deleted.
  package let account: PersonalAccount?

  /// The language of the mails to the account; `nil` when it has none.
  package let language: MailLanguage?

  /// The accounts in the archive.
  package let archived: [PersonalAccount]
  package let mails: [Mail]
  /// What was reported of mails after they were sent, oldest first.
  package let bounces: [BounceRecord]
  package let changes: [Change]

  /// Locks of the account, but not of its domain.
  package let locks: [Lock]

  /// Audit entries about the person, oldest first.
  package let entries: [AuditEntry]

  /// Records in the audit that the data of a person were exported, and collects them; throws if
  /// there are none.
  package static func export(
    of word: String, from store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> PersonalData {
    try store.transaction { () throws(RegctlError) in
      let person = try Person(word, in: store)
      try store.record(
        AuditEntry(
          act: .export, at: now, actor: actor, account: person.account?.id, email: person.email,
          detail: "one person"))
      return try PersonalData(of: person, in: store)
    }
  }

  /// Records in the audit that all accounts are exported, before they are.
  package static func recordExportOfAll(
    from store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) {
    try store.transaction { () throws(RegctlError) in
      _ = try store.record(
        AuditEntry(act: .export, at: now, actor: actor, detail: "all accounts"))
    }
  }

  private init(of person: Person, in store: Store) throws(RegctlError) {
    email = person.email
    addresses = person.addresses
    account = try person.account.map { account throws(RegctlError) in
      try store.personalAccount(account)
    }
    language = try person.account.flatMap { account throws(RegctlError) in
      try store.language(of: account.id)
    }
    archived = try store.archivedAccounts(of: person).map { place throws(RegctlError) in
      try store.personalAccount(archived: place.account, run: place.run)
    }
    var mails: [Mail] = []
    for number in try store.mails(of: person).sorted() {
      let id = MailID(rawValue: number)
      guard let entry = try store.mail(id) else { continue }
      mails.append(Mail(entry: entry, attempts: try store.attempts(at: id)))
    }
    self.mails = mails
    bounces = try store.bounces(of: person)
    changes = try store.changes(of: person)
    locks = try store.locks(of: person)
    entries = try store.entries(for: person)
  }
}
