/// The mails listed by `list-outbox`.
package struct OutboxFilter: Sendable {
  package var state: OutboxEntry.State?
  package var account: AccountID?

  package init(state: OutboxEntry.State? = nil, account: AccountID? = nil) {
    self.state = state
    self.account = account
  }
}
