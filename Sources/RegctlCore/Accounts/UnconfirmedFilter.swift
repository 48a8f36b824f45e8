/// The unconfirmed accounts to list.
package struct UnconfirmedFilter: Sendable {
  package enum Order: String, CaseIterable, Sendable { case registered, email }

  /// Registered before this time.
  package var registeredBefore: Instant?
  /// Registered after this time.
  package var registeredAfter: Instant?
  /// The domain of the address, ignoring case.
  package var domain: String?
  package var mailState: OutboxEntry.State?
  package var order: Order = .registered

  package init() {}
}
