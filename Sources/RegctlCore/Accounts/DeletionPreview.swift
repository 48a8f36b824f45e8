/// Finds out what deleting accounts one after the other would do, and changes nothing.
package final class DeletionPreview {
  private var deleted: Set<AccountID> = []

  package init() {}

  /// The account that would be deleted next; throws what `DeleteAccount` would throw.
  package func next(
    _ email: String, force: Bool, in store: Store
  ) throws(RegctlError) -> Account {
    let account = try store.account(named: email)
    if deleted.contains(account.id) { throw .account(.notFound(email)) }
    if account.isAdmin, !force,
      try !store.allAdministrators().contains(where: {
        $0.id != account.id && !deleted.contains($0.id)
      })
    {
      throw .account(.lastAdministrator(email: account.email))
    }
    deleted.insert(account.id)
    return account
  }
}
