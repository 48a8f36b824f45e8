/// The mails that `list-outbox` shows.
package struct OutboxFilter: Sendable {
  package var state: OutboxEntry.State?
  package var account: AccountID?

  package init(state: OutboxEntry.State? = nil, account: AccountID? = nil) {
    self.state = state
    self.account = account
  }
}
