/// The unconfirmed accounts to list.
package struct UnconfirmedFilter: Sendable {
  package enum Order: String, CaseIterable, Sendable { case registered, email }

  /// Registered before this time.
  package var registeredBefore: Instant?
  /// Registered after this time.
  package var registeredAfter: Instant?
  /// The domain of the address, ignoring ASCII case, in any spelling.
  package var domain: String?
  package var mailState: OutboxEntry.State?
  package var order: Order = .registered

  package init() {}

  /// Whether a date of registration is selected; a local time of an unknown zone is taken for UTC.
  func includes(_ date: AccountDate?) -> Bool {
    guard let moment = date?.assumingUTC else {
      return registeredBefore == nil && registeredAfter == nil
    }
    return registeredBefore.map { moment < $0 } ?? true
      && registeredAfter.map { moment > $0 } ?? true
  }
}
