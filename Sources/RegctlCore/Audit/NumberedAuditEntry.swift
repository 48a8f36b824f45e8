/// An audit entry and its number, which grows with each entry.
package struct NumberedAuditEntry: Equatable, Sendable {
  package let number: Int64
  package let entry: AuditEntry
}
