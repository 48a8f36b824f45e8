/// Restores an account that an operator deleted, exactly as it was.
package enum UndeleteAccount {
  /// An account as it is named: by its address, or by the ID that it had.
  package enum Name: Sendable {
    case email(String)
    case id(AccountID)
  }

  /// Restores the account that was deleted last among those with a name.
  ///
  /// Its links stay void. Throws if its address or its ID belongs to another account now; with
  /// `newID`, an ID that is taken is replaced by another.
  package static func perform(
    _ name: Name, newID: Bool, in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Account {
    try store.transaction { () throws(RegctlError) in
      let deletion = try deletion(name, in: store)
      let address = ArchivedAddress(deletion.email, removedAt: deletion.at)
      if let holder = try address.holder(in: store) {
        throw .account(.addressTaken(email: holder.email, deleted: deletion.account))
      }
      if !newID, let holder = try store.account(deletion.account) {
        throw .account(
          .numberTaken(deletion.account, holder: holder.email, email: deletion.email))
      }
      let id = try store.restore(deletion.account, of: deletion.run)
      let account = try store.writtenAccount(id)
      try store.matchPasswordToLocks(of: account)
      let detail = AuditRenumbering.detail(deletion: deletion.entry, old: deletion.account, new: id)
      try store.record(
        AuditEntry(.undelete, on: account, at: now, by: actor, detail: detail))
      return account
    }
  }

  private static func deletion(_ name: Name, in store: Store) throws(RegctlError) -> Deletion {
    switch name {
    case .email(let email):
      if let deletion = try store.deletion(of: email), deletion.isArchived { return deletion }
      // Says that it was pruned, or never existed.
      let account = try store.account(email)
      throw .account(.notDeleted(email: account.email))
    case .id(let id):
      if let deletion = try store.deletion(of: id), deletion.isArchived { return deletion }
      guard let account = try store.account(id) else {
        if let deletion = try store.deletion(of: id) { throw .account(.deleted(deletion)) }
        throw .account(.notFound("\(id.rawValue)"))
      }
      throw .account(.notDeleted(email: account.email))
    }
  }
}
