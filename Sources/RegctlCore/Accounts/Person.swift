internal import Base

/// A person: an account, and the accounts that were deleted or pruned before with one of its
/// addresses.
struct Person {
  /// The address by which the person is named in messages.
  let email: String

  /// The account; `nil` if it was pruned or deleted before.
  let account: Account?

  /// The addresses that the person has, had or asked for, in lower case and in each spelling of the
  /// domain. Those that another account has now are not among them.
  let addresses: [String]

  /// Finds the person who has or had an address, or the account with a number; throws if there is
  /// none.
  init(_ word: String, in store: Store) throws(RegctlError) {
    let account = try Self.account(word, in: store)
    let email: String
    var past: [AuditEntry] = []
    if let account {
      email = account.email
      past = try store.auditEntries(of: account.id)
    } else {
      email = try Self.formerAddress(word, in: store)
    }
    var addresses = try Self.free([email], for: account, in: store)
    var numbers: Set<Int64> = []
    // Each address can lead to further accounts, and these to further addresses.
    while true {
      for address in addresses { numbers.formUnion(try store.goneAccounts(withAddress: address)) }
      var entries = past
      for number in numbers.sorted() {
        entries += try store.auditEntries(of: AccountID(rawValue: number))
      }
      let found = FormerAddresses(of: addresses + [email], in: entries, orRequested: true)
      let more = try Self.free(found.all, for: account, in: store)
      if more.count == addresses.count { break }
      addresses = more
    }
    if account == nil, numbers.isEmpty { throw try Self.notFound(word, email, in: store) }
    self.email = email
    self.account = account
    self.addresses = addresses
  }

  private static func account(_ word: String, in store: Store) throws(RegctlError) -> Account? {
    if let account = try store.accountIfAny(word) { return account }
    guard let id = AccountID(typed: word) else { return nil }
    return try store.account(id)
  }

  /// The address of a deleted account that is named by it, or by the number that it had.
  private static func formerAddress(_ word: String, in store: Store) throws(RegctlError) -> String {
    guard let id = AccountID(typed: word) else { return word }
    if let deletion = try store.deletion(of: id) { return deletion.email }
    if let email = try store.archivedAddress(of: id) { return email }
    throw .account(.notFound(word))
  }

  /// The error for a person who is not known; an account that had the address before is named, since
  /// it may be someone else's.
  private static func notFound(
    _ word: String, _ email: String, in store: Store
  ) throws(RegctlError) -> RegctlError {
    guard let present = try store.presentAddress(ofFormer: email) else {
      return .account(.notFound(word))
    }
    let former = SimilarAddress(email: email, holder: .former(present: present))
    return .account(.notFoundButSimilar(word, [former]))
  }

  /// The addresses, in each spelling, that no other account has now.
  private static func free(
    _ addresses: [String], for account: Account?, in store: Store
  ) throws(RegctlError) -> [String] {
    var free: Set<[UInt8]> = []
    for address in addresses {
      let holders = try store.accounts(withAddress: address)
      if holders.contains(where: { $0.id != account?.id }) { continue }
      for spelling in try AddressSpellings(of: address).all {
        free.insert(spelling.utf8.map(\.lowercased))
      }
    }
    return free.map { String(decoding: $0, as: UTF8.self) }.sorted()
  }
}
