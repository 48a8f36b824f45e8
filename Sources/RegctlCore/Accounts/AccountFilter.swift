/// The accounts to list; without any condition all of them.
package struct AccountFilter: Sendable {
  package enum State: String, CaseIterable, Sendable {
    case unconfirmed, confirmed, admin, locked
    /// The address is on the ledger of those to which mail was not delivered.
    case bounced
  }

  package enum Order: Sendable {
    /// By the ID, which the engine gives out in ascending order.
    case id, idDescending
    /// By the date of registration; only for unconfirmed accounts, of which there is an index.
    case registered, registeredDescending
    /// By the address: the order of bytes, on a server without regard to ASCII case.
    case email
  }

  /// A part of the address, ignoring ASCII case.
  package var pattern: String?
  /// In any of these states, of which there is one at least; `nil` for every state.
  package var states: [State]?
  package var ids: [AccountID]?
  /// The states of the last mail, one of which it has; `nil` for any and for none.
  package var mailStates: [OutboxEntry.State]?
  /// Registered at this time or later.
  package var registeredSince: Instant?
  /// Registered before this time.
  package var registeredBefore: Instant?
  /// The domain of the address, ignoring ASCII case, in any spelling.
  package var domain: String?
  package var order: Order = .id

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
