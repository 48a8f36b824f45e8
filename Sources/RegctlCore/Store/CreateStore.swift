internal import System

/// Makes a new database and, where none is configured, a signing key beside it.
package struct CreateStore: Sendable {
  private let configuration: Configuration
  private let journalMode: JournalMode
  private let acceptsExisting: Bool

  package init(_ configuration: Configuration, journalMode: JournalMode, acceptsExisting: Bool) {
    self.configuration = configuration
    self.journalMode = journalMode
    self.acceptsExisting = acceptsExisting
  }

  /// What there is now.
  package struct Creation: Equatable, Sendable {
    package let isNew: Bool
    package let hasNewKey: Bool
    package let schemaVersion: Int64
  }

  /// Writes the key first: a database without a key would be the worse half to be left with.
  package func perform(
    at now: Instant, by actor: Actor, uid: UInt32
  ) throws(RegctlError) -> Creation {
    let path = configuration.db
    if try fileAccess(FileSystem.status(of: path)) != nil {
      // Opening tells an application's or a foreign file from one of ours.
      _ = try Store.open(path, for: .reading, busyTimeout: configuration.busyTimeout)
      guard acceptsExisting else { throw .store(.exists(path: path)) }
      return Creation(isNew: false, hasNewKey: false, schemaVersion: Schema.version)
    }
    try SHA256.check()
    var hasNewKey = false
    if configuration.secretKeyFile == nil {
      hasNewKey = try SecretFile.createKey(configuration.effectiveSecretKeyFile, uid: uid)
    }
    do throws(RegctlError) {
      try Store.create(path, journalMode: journalMode, at: now, by: actor)
    } catch .store(.exists) where acceptsExisting {
      return Creation(isNew: false, hasNewKey: hasNewKey, schemaVersion: Schema.version)
    }
    return Creation(isNew: true, hasNewKey: hasNewKey, schemaVersion: Schema.version)
  }
}
