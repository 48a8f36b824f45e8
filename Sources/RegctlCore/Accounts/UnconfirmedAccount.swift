/// An unconfirmed account, with the state of its mail.
package struct UnconfirmedAccount: Sendable {
  package let id: AccountID
  package let email: String
  package let isAdmin: Bool

  /// The position of the list after this account.
  let place: ListPlace

  /// The text of `users.registered_on`.
  package let registeredText: String

  /// When the account was registered; `nil` when the text is not a date.
  package internal(set) var registeredOn: AccountDate?
  package let mails: Int
  package let lastMailState: OutboxEntry.State?
  package let lastMailAt: Instant?
}
