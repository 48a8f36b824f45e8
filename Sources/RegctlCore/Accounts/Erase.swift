/// Removes a person from the database: the account, what was archived of it, its mails, and the
/// addresses and reasons in the audit.
///
/// The audit's chain stays whole, because it covers commitments; see `PersonalContent`.
package enum Erase {
  /// What there is of a person, or was until it was erased.
  package struct Traces: Equatable, Sendable {
    /// The address that was given or belongs to the number that was given.
    package let email: String

    /// The account; `nil` if it was pruned or deleted before.
    package let account: AccountID?

    /// The numbers of archived accounts, of mails and of audit entries.
    package let archived: Int
    package let mails: Int
    package let entries: Int
  }

  /// What would be erased of the person who has or had an address or the account with a number;
  /// throws if there is nothing.
  package static func preview(
    _ word: String, force: Bool, in store: Store
  ) throws(RegctlError) -> Traces {
    let person = try Person(word, in: store)
    if !force { try requireAdministrator(besides: person, in: store) }
    return try traces(of: person, in: store, entries: store.auditEntries(about: person).count)
  }

  /// Erases a person in one transaction; the last administrator only with `force`.
  ///
  /// The reason stays in the audit: one that contains an address of the person is refused. No
  /// delivery may be at work, since a mail that is being sent has a number that another mail gets.
  package static func perform(
    _ word: String, reason: String, force: Bool, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Traces {
    guard store.auditForm == .committed else {
      throw .store(.objectsMissing(["the commitments of table regctl_audit"]))
    }
    let right = try store.excludeDelivery()
    let erased = try store.transaction { () throws(RegctlError) in
      let person = try Person(word, in: store)
      if !force { try requireAdministrator(besides: person, in: store) }
      if person.addresses.contains(where: { AddressMention.contains($0, in: reason) }) {
        throw .account(.reasonNamesPerson)
      }
      let entries = try store.auditEntries(about: person)
      let known = try traces(of: person, in: store, entries: entries.count)
      // Before the account is deleted, so that the entry is filed as one of a deleted account.
      try store.record(
        AuditEntry(
          act: .erase, at: now, actor: actor, account: person.account?.id,
          detail: entries.isEmpty ? nil : AuditErasure(of: entries).detail, reason: reason))
      let hashes = try store.passwordHashes(of: person)
      try store.removeTraces(of: person)
      if let account = person.account { try store.delete(account.id, at: now) }
      try store.emptyAudit(entries, of: person)
      for hash in hashes { try store.forgetNoPassword(hash) }
      return known
    }
    right.release()
    return erased
  }

  private static func traces(
    of person: Person, in store: Store, entries: Int
  ) throws(RegctlError) -> Traces {
    Traces(
      email: person.email, account: person.account?.id,
      archived: try store.archivedAccounts(of: person).count,
      mails: try store.mails(of: person).count, entries: entries)
  }

  private static func requireAdministrator(
    besides person: Person, in store: Store
  ) throws(RegctlError) {
    if let account = person.account, account.isAdmin,
      try !store.hasAdministrator(besides: account.id)
    {
      throw .account(.lastAdministrator(email: account.email))
    }
  }
}
