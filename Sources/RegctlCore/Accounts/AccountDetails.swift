/// What a list of accounts shows beyond the table of accounts; what is not asked for is not read.
package struct AccountDetails: OptionSet, Sendable {
  package let rawValue: Int
  package init(rawValue: Int) { self.rawValue = rawValue }

  /// How many mails an account has had.
  package static let mailCount = AccountDetails(rawValue: 1)
  /// The state and time of its last mail.
  package static let lastMail = AccountDetails(rawValue: 2)
  /// Whether it is locked.
  package static let lock = AccountDetails(rawValue: 4)
  /// Whether its address is on the ledger of bounces.
  package static let bounce = AccountDetails(rawValue: 8)
}
