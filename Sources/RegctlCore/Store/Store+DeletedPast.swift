internal import SQL

/// What accounts leave behind when they are deleted: in the audit and the outbox, under the negative
/// numbers of the accounts.
extension Store {
  /// Separates the past of many accounts before they are deleted, together, as the trigger of a file
  /// would for each; call it in the transaction that deletes them.
  ///
  /// The trigger of a server does so for all accounts that a statement deletes. What few accounts have
  /// is left to the trigger, and so is mail that waits, which it cancels.
  func separatePast(of numbers: Value) throws(RegctlError) {
    guard isFile else { return }
    for statement in Self.separation { try run(statement, numbers) }
  }

  private static let separation = [
    Statement(
      sqlite: """
        DELETE FROM regctl_accounts WHERE account_id IN (SELECT value FROM json_each($1))
        """),
    Statement(
      sqlite: """
        UPDATE regctl_outbox SET account_id = min(account_id, -account_id)
        WHERE account_id IN (SELECT value FROM json_each($1))
          AND state NOT IN ('queued', 'held', 'sending')
        """),
    Statement(
      sqlite: """
        UPDATE regctl_audit SET account_id = min(account_id, -account_id)
        WHERE account_id IN (SELECT value FROM json_each($1))
        """),
    Statement(
      sqlite: """
        UPDATE regctl_audit_accounts SET account_id = min(account_id, -account_id),
          deleted_email = (SELECT email FROM users WHERE id = regctl_audit_accounts.account_id)
        WHERE account_id IN (SELECT value FROM json_each($1))
        """),
  ]
}
