package import System

/// Whether an account may log in: what the application's `check_confirmed` decides.
package enum Check {
  /// Passes when an account, named by its address or number, is confirmed and not locked.
  package static func isConfirmed(
    _ email: String, in store: Store
  ) throws(RegctlError) -> Account {
    let account = try store.account(named: email)
    try store.requireUnlocked(account)
    guard account.isConfirmed else { throw .account(.notConfirmed(email: account.email)) }
    return account
  }

  /// Passes when a password is right and its account is confirmed and not locked.
  ///
  /// The address is what a person typed who logs in, so a number is none.
  ///
  /// An unknown account and a wrong, invalid or missing password give the same result after the
  /// same time, unless the account's hash takes more work than `HashingEffort` allows for.
  package static func mayEnter(
    _ email: String, password: borrowing SecretBytes, policy: PasswordPolicy, in store: Store
  ) throws(RegctlError) -> Account {
    let effort = try store.hashingEffort(configured: policy.work)
    let account: Account?
    do throws(RegctlError) {
      account = try store.accountIfAny(email)
    } catch .account {
      account = nil
    }
    let hash =
      try account.map { account throws(RegctlError) in
        try store.passwordHash(of: account.id)
      } ?? .unusable
    guard try hash.verifies(password, under: policy.longPasswords, spending: effort), let account
    else {
      throw .account(.wrongPassword)
    }
    try store.requireUnlocked(account)
    guard account.isConfirmed else { throw .account(.notConfirmed(email: account.email)) }
    return account
  }
}
