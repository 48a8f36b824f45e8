internal import Glibc

/// A user of this machine.
package struct User: Equatable, Sendable {
  package let uid: UInt32

  /// The name that the system knows, if it knows one.
  package let name: String?

  /// The group that the system puts the user into; `nil` for a user without a name.
  let group: UInt32?

  package init(uid: UInt32, name: String?, group: UInt32? = nil) {
    self.uid = uid
    self.name = name
    self.group = group
  }

  /// Looks a user up. The corresponding C function is `getpwuid`.
  package init(uid: UInt32) {
    guard let entry = unsafe getpwuid(uid), let name = unsafe entry.pointee.pw_name else {
      self.init(uid: uid, name: nil)
      return
    }
    unsafe self.init(uid: uid, name: String(cString: name), group: entry.pointee.pw_gid)
  }

  /// The name, or the number of a user without one.
  package var text: String { name ?? "\(uid)" }
}
