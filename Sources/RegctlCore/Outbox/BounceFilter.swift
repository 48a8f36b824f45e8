/// The reports to list; without any condition all of them.
package struct BounceFilter: Sendable {
  /// `nil` for every result.
  package var results: [BounceRecord.Result]?
  package var accounts: [AccountID]?
  /// The domain of the address, ignoring ASCII case, in any spelling.
  package var domain: String?
  /// Read at this time or later.
  package var since: Instant?
  /// Read before this time.
  package var before: Instant?
  /// Whether only those are listed that put their address on the ledger, from which it was not taken.
  package var isOnLedger = false
  package var order: RowOrder = .oldestFirst

  package init() {}
}
