/// An account of a list.
package struct ListedAccount {
  package let id: AccountID
  package let email: String
  package let isAdmin: Bool
  package let isConfirmed: Bool

  /// The position of the list after this account.
  let place: ListPlace

  /// The text of `users.registered_on`; empty without one.
  package let registeredText: String

  /// The text of `users.confirmed_on`.
  let confirmedText: String?

  /// The reader of the dates, which are not read before they are asked for.
  let dates: AccountDates

  /// The seconds in which regctl recorded registrations and confirmations of the account.
  var registrations: [Int64] = []
  var confirmations: [Int64] = []

  /// When the account was registered; `nil` when the text is not a date.
  package var registeredOn: AccountDate? { dates.date(registeredText, records: registrations) }

  package var confirmedOn: AccountDate? {
    confirmedText.flatMap { dates.date($0, records: confirmations) }
  }

  /// 0 unless it was asked for, as the two below are `nil`.
  package let mails: Int
  package let lastMailState: OutboxEntry.State?
  package let lastMailAt: Instant?

  /// Whether it is locked, itself or by its domain; `false` unless it was asked for.
  package internal(set) var isLocked = false
}
