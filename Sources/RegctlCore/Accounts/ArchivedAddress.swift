/// The address of an account in the archive, and since when the account is there.
struct ArchivedAddress {
  private let email: String
  private let removedAt: Instant

  init(_ email: String, removedAt: Instant) {
    self.email = email
    self.removedAt = removedAt
  }

  /// The account that has the address now, so that the archived one cannot be restored; `nil` when
  /// there is none.
  ///
  /// An application may tell spellings apart that differ in case, or in that of the domain. An
  /// account that had its own before the other was removed is not in the way.
  func holder(in store: Store) throws(RegctlError) -> Account? {
    for account in try store.accounts(withAddress: email)
    where try !coexisted(account, in: store) {
      return account
    }
    return nil
  }

  /// Whether an account had its spelling of the address before the other was removed. An account that
  /// got the address later is another's.
  private func coexisted(_ account: Account, in store: Store) throws(RegctlError) -> Bool {
    if account.email.utf8.elementsEqual(email.utf8) { return false }
    // An index keeps spellings of case apart, and not those of a domain.
    if AddressSpellings.isSame(account.email, email), try store.emailIndex() == .unique {
      return false
    }
    guard let registeredOn = account.registeredOn, registeredOn.latest < removedAt else {
      return false
    }
    let address = FormerAddresses(of: try AddressSpellings(of: email).all, in: [])
    return try !store.auditEntries(of: account.id).contains { entry in
      entry.at >= removedAt && entry.newEmail.map(address.contains) == true
    }
  }
}
