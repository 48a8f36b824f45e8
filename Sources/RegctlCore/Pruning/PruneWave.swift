/// A burst of registrations that a prune would take.
package struct PruneWave: Equatable, Sendable {
  /// Its accounts, in the order of their registration; there is at least one.
  package let ids: [AccountID]

  /// When its first and its last account were registered.
  package let first: AccountDate
  package let last: AccountDate

  /// Its domains, that of the most accounts first.
  package let domains: [String]

  /// How many accounts of its domains, registered within its time, were confirmed: where there are
  /// many, people registered and not a program.
  package internal(set) var confirmed = 0

  /// The number of its first account, by which it is named.
  package var number: AccountID { ids[0] }

  /// Whether an account of one of its domains was registered within its time.
  func covers(_ date: AccountDate) -> Bool {
    (first.assumingUTC...last.assumingUTC).contains(date.assumingUTC)
  }
}
