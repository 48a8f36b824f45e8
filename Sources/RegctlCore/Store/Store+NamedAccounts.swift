extension Store {
  /// The account that an operator names by its address or by its number.
  ///
  /// A stored address that consists of digits, which an application may allow, comes first. Not for
  /// an address from a token: a number in it is not that of an account.
  package func account(named word: String) throws(RegctlError) -> Account {
    guard let id = AccountID(typed: word) else { return try account(word) }
    if let account = try accountIfAny(word) { return account }
    guard let account = try account(id) else { throw .account(.notFound(word)) }
    return account
  }
}

extension AccountID {
  /// The number that a word of digits gives; `nil` for any other word.
  package init?(typed word: String) {
    guard !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(word)
    else { return nil }
    self.init(rawValue: number)
  }
}
