/// A row with a number, which grows with each row of its table, and an address.
package protocol NumberedRow {
  var number: Int64 { get }
  var address: String? { get }
}

extension OutboxEntry: NumberedRow {
  package var number: Int64 { id.rawValue }
  package var address: String? { email }
}

extension BounceRecord: NumberedRow {
  package var number: Int64 { id }
  package var address: String? { email }
}

extension NumberedAuditEntry: NumberedRow {
  package var address: String? { entry.email }
}

extension ListedAccount: NumberedRow {
  package var number: Int64 { id.rawValue }
  package var address: String? { email }
}
