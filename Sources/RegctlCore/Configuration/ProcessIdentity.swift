internal import System

/// The user of the process: the one who started it, or the owner of the database, to which root
/// switches permanently.
package final class ProcessIdentity {
  /// The effective user at the start, recorded in audit entries.
  package let caller: UInt32

  /// The current effective user.
  package private(set) var uid: UInt32

  /// The user that root switched to, and the database that was the reason.
  package private(set) var owner: DatabaseOwner?

  /// The configuration that root loaded before it switched to another user, who may not be able to.
  package private(set) var configuration: Configuration?

  /// The identity of a process started with an effective user.
  package init(uid: UInt32) {
    caller = uid
    self.uid = uid
  }

  /// The user that root has to switch to for a database; `nil` when it stays root.
  package func owner(of database: DatabaseLocation) throws(RegctlError) -> DatabaseOwner? {
    uid == 0 ? try database.owner() : nil
  }

  /// Switches to the owner of the database before it, or a file beside it, is opened.
  ///
  /// Files that only root can read are read before: the secrets named by the configuration, and the
  /// caller's password file.
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

  /// Switches to the owner of the place of another database before a file is created there.
  package func work(at location: DatabaseLocation) throws(RegctlError) {
    if let owner = try owner(of: location) { try become(owner) }
  }

  /// Switches to the owner of the place of a copy, which is a file: where the database is a file too,
  /// its own owner works on both.
  package func work(
    onCopy path: String, of database: DatabaseLocation
  ) throws(RegctlError) {
    guard uid == 0, let owner = try database.ownerOfCopy(at: path) else { return }
    try become(owner)
  }

  /// Switches permanently to another user and drops all other permissions.
  private func become(_ owner: DatabaseOwner) throws(RegctlError) {
    try fileAccess(owner.user.becomeUserOfProcess(group: owner.group, toWorkOn: owner.path))
    uid = owner.user.uid
    self.owner = owner
  }
}
