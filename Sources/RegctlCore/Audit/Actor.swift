/// The user who runs regctl: the one who invoked `sudo`, else the login user, and the user ID.
package struct Actor: Equatable, Sendable {
  package let name: String
  package let uid: UInt32

  /// Why the user acts, in words for the audit; `nil` where no reason was given.
  package let reason: String?

  package init(name: String, uid: UInt32, reason: String? = nil) {
    self.name = name
    self.uid = uid
    self.reason = reason
  }
}
