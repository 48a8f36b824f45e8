/// An account as stored in the table; `nil` is `NULL`.
package struct StoredAccount: Sendable {
  package let id: AccountID
  package let email: Range<Int>?
  package let password: Range<Int>?
  package let registeredOn: Range<Int>?
  package let admin: Range<Int>?
  package let confirmed: Range<Int>?
  package let confirmedOn: Range<Int>?

  /// The place of the values of the application's own columns.
  package let columns: Range<Int>
}
