/// An account of a list.
package struct ListedAccount: Sendable {
  package let id: AccountID
  package let email: String
  package let isAdmin: Bool
  package let isConfirmed: Bool

  /// The position of the list after this account.
  package let place: ListPlace

  /// The text of `users.registered_on`; empty without one.
  package let registeredText: String

  /// The text of `users.confirmed_on`.
  let confirmedText: String?

  /// When the account was registered; `nil` when the text is not a date.
  package internal(set) var registeredOn: AccountDate?
  package internal(set) var confirmedOn: AccountDate?

  /// 0 unless it was asked for, as the two below are `nil`.
  package let mails: Int
  package let lastMailState: OutboxEntry.State?
  package let lastMailAt: Instant?

  /// Whether it is locked, itself or by its domain; `false` unless it was asked for.
  package internal(set) var isLocked = false

  /// Whether its address is on the ledger of bounces; `false` unless it was asked for.
  package internal(set) var isBounced = false
}
