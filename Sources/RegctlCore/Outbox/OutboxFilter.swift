/// The mails to list or to change; without any condition all of them.
package struct OutboxFilter: Sendable {
  /// `nil` for every state.
  package var states: [OutboxEntry.State]?
  package var accounts: [AccountID]?
  /// The domain of the recipient, ignoring ASCII case, in any spelling.
  package var domain: String?
  /// Queued at this time or later.
  package var queuedSince: Instant?
  /// Queued before this time.
  package var queuedBefore: Instant?
  package var reply: ReplyPrefix?
  package var order: RowOrder = .oldestFirst

  /// Whether mails of accounts that are gone are left out.
  var excludesDeletedAccounts = false

  package init(states: [OutboxEntry.State]? = nil, accounts: [AccountID]? = nil) {
    self.states = states
    self.accounts = accounts
  }
}
