internal import CGlibc
internal import Glibc

/// The user that the process works as: who started it, or the owner of the database, whom root
/// becomes for good.
package final class ProcessIdentity {
  /// The effective user at the start, whom the audit names.
  package let caller: UInt32

  /// The effective user now.
  package private(set) var uid: UInt32

  /// Whom root became, and for what.
  package private(set) var owner: DatabaseOwner?

  /// The configuration that root loaded before it became another user, which might not be able to.
  package private(set) var configuration: Configuration?

  /// The identity of a process that was started with an effective user.
  package init(uid: UInt32) {
    caller = uid
    self.uid = uid
  }

  /// The user that root would have to become for a database; `nil` when it stays root.
  package func owner(of database: String) throws(RegctlError) -> DatabaseOwner? {
    uid == 0 ? try DatabaseOwner(of: database) : nil
  }

  /// Becomes the owner of the database before it, or a file beside it, is opened.
  ///
  /// What root alone can read is read before: the secrets that the configuration names, and the
  /// caller's own password file.
  package func work(
    on configuration: Configuration, passwordFile: String?
  ) throws(RegctlError) -> Configuration {
    guard let owner = try owner(of: configuration.db) else { return configuration }
    var configuration = configuration
    configuration.heldSecrets = HeldSecrets(of: configuration, passwordFile: passwordFile, uid: uid)
    try become(owner)
    self.configuration = configuration
    return configuration
  }

  /// Gives up all rights but those of another user, for good.
  ///
  /// The corresponding C functions are `initgroups`, `setgroups`, `setresgid` and `setresuid`.
  private func become(_ owner: DatabaseOwner) throws(RegctlError) {
    let operation = "become user \(owner.user.text), to whom belongs"
    func failure() -> RegctlError { .file(FileError(operation, owner.path)) }
    if let name = owner.user.name {
      guard unsafe initgroups(name, owner.group) == 0 else { throw failure() }
    } else {
      guard setgroups(0, nil) == 0 else { throw failure() }
    }
    let (user, group) = (owner.user.uid, owner.group)
    guard regctl_setresgid(group, group, group) == 0, regctl_setresuid(user, user, user) == 0
    else { throw failure() }
    // With SECBIT_NO_SETUID_FIXUP of capabilities(7) there would be a way back.
    guard regctl_setresuid(0, 0, 0) != 0 else {
      throw .file(FileError(operation: operation, path: owner.path, code: EPERM))
    }
    // The kernel decides anew at such a change; see PR_SET_DUMPABLE in prctl(2).
    ProcessSetup.hideMemory()
    uid = user
    self.owner = owner
  }
}
