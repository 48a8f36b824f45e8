/// An account to be inserted.
package struct NewAccount: Sendable {
  package let address: EmailAddress
  package let passwordHash: PasswordHash
  package let isAdmin: Bool
  package let isConfirmed: Bool

  package init(
    address: EmailAddress, passwordHash: PasswordHash, isAdmin: Bool, isConfirmed: Bool
  ) {
    self.address = address
    self.passwordHash = passwordHash
    self.isAdmin = isAdmin
    self.isConfirmed = isConfirmed
  }
}
