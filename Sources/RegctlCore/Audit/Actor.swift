/// The user who runs regctl: the one who invoked `sudo`, else the login user, and the user ID.
package struct Actor: Equatable, Sendable {
  package let name: String
  package let uid: UInt32

  package init(name: String, uid: UInt32) {
    self.name = name
    self.uid = uid
  }
}
