/// Rights for a role of a database server.
package struct Grant: Equatable, Sendable {
  /// What the role may do.
  package enum Access: Equatable, Sendable {
    /// All that commands do but create and migrate a database.
    case writing
    /// What commands do that change nothing.
    case reading
  }

  package let access: Access
  package let role: String

  package init(_ access: Access, to role: String) {
    self.access = access
    self.role = role
  }
}
