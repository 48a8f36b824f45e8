/// A sender or recipient: an address and an optional display name (RFC 5322, section 3.4).
package struct Mailbox: Equatable, Sendable {
  package let displayName: String?
  package let address: String

  /// Creates a mailbox from validated parts.
  package init(displayName: String?, address: String) {
    self.displayName = displayName
    self.address = address
  }
}
