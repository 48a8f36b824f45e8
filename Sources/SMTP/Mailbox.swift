/// A sender or recipient: an address and, perhaps, a display name (RFC 5322, section 3.4).
package struct Mailbox: Equatable, Sendable {
  package let displayName: String?
  package let address: String

  /// A mailbox from parts that were checked before.
  package init(displayName: String?, address: String) {
    self.displayName = displayName
    self.address = address
  }
}
