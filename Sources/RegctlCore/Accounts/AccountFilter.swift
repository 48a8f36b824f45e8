/// The accounts to list; without any condition all of them.
package struct AccountFilter: Sendable {
  package enum State: String, CaseIterable, Sendable { case confirmed, unconfirmed }

  package enum Order: Sendable { case oldestFirst, newestFirst }

  /// A part of the address, ignoring ASCII case.
  package var pattern: String?
  package var state: State?
  /// Registered at this time or later.
  package var registeredSince: Instant?
  /// Registered before this time.
  package var registeredBefore: Instant?
  /// The domain of the address, ignoring ASCII case, in any spelling.
  package var domain: String?
  /// By the ID, which the engine gives out in ascending order.
  package var order: Order = .oldestFirst

  package init() {}

  /// Whether dates of registration matter.
  var hasDates: Bool { registeredSince != nil || registeredBefore != nil }

  /// Whether a date of registration is selected; a local time of an unknown zone is taken for UTC.
  func includes(_ date: AccountDate?) -> Bool {
    guard hasDates else { return true }
    guard let moment = date?.assumingUTC else { return false }
    return registeredSince.map { moment >= $0 } ?? true
      && registeredBefore.map { moment < $0 } ?? true
  }

  /// The filter with each limit later or earlier by `difference`, so that it selects more.
  func widened(by difference: Duration) -> AccountFilter {
    var wider = self
    wider.registeredSince = registeredSince.map { $0 - difference }
    wider.registeredBefore = registeredBefore.map { $0 + difference }
    return wider
  }
}
