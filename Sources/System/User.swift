internal import CGlibc
internal import Glibc

/// A user of this system.
package struct User: Equatable, Sendable {
  package let uid: UInt32

  /// The user's name, if the system has one.
  package let name: String?

  /// The user's primary group; `nil` for a user without a name.
  package let group: UInt32?

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

extension User {
  /// Switches the process to this user permanently, with one group and the user's supplementary
  /// groups; errors use a path that belongs to the user.
  ///
  /// The corresponding C functions are `initgroups`, `setgroups`, `setresgid` and `setresuid`.
  package func becomeUserOfProcess(
    group: UInt32, toWorkOn path: String
  ) throws(FileError) {
    let operation = "become user \(text), to whom belongs"
    if let name {
      guard unsafe initgroups(name, group) == 0 else { throw FileError(operation, path) }
    } else {
      guard setgroups(0, nil) == 0 else { throw FileError(operation, path) }
    }
    guard regctl_setresgid(group, group, group) == 0, regctl_setresuid(uid, uid, uid) == 0
    else { throw FileError(operation, path) }
    // With SECBIT_NO_SETUID_FIXUP of capabilities(7), the process could regain root.
    guard regctl_setresuid(0, 0, 0) != 0 else {
      throw FileError(operation: operation, path: path, code: EPERM)
    }
    // The kernel resets this on such a change; see PR_SET_DUMPABLE in prctl(2).
    ProcessSetup.hideMemory()
  }
}
