internal import System

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
  package func owner(of database: DatabaseLocation) throws(RegctlError) -> DatabaseOwner? {
    uid == 0 ? try database.owner() : nil
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
  private func become(_ owner: DatabaseOwner) throws(RegctlError) {
    try fileAccess(owner.user.becomeUserOfProcess(group: owner.group, toWorkOn: owner.path))
    uid = owner.user.uid
    self.owner = owner
  }
}
