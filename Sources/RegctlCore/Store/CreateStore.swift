/// Creates a new database and, if none is configured, a signing key beside it.
package struct CreateStore: Sendable {
  private let configuration: Configuration
  private let journalMode: JournalMode
  private let acceptsExisting: Bool

  package init(_ configuration: Configuration, journalMode: JournalMode, acceptsExisting: Bool) {
    self.configuration = configuration
    self.journalMode = journalMode
    self.acceptsExisting = acceptsExisting
  }

  /// The files that exist after creation.
  package struct Creation: Equatable, Sendable {
    package let isNew: Bool
    package let hasNewKey: Bool
    package let schemaVersion: Int64
  }

  /// A new database has the original application's table, whose names settings would deny.
  private func requireOriginalTable() throws(RegctlError) {
    guard configuration.users != .original,
      let setting = configuration.effective.first(where: { setting in
        setting.key.utf8.starts(with: "users_".utf8) && setting.origin != .builtIn
      })
    else { return }
    throw .configuration(
      ConfigurationError(origin: setting.origin, fault: .newTable(setting: setting.key)))
  }

  /// Writes the key first, since a database without a key could not be used.
  package func perform(
    at now: Instant, by actor: Actor, uid: UInt32
  ) throws(RegctlError) -> Creation {
    let location = configuration.db
    try requireOriginalTable()
    if try Store.isTaken(location, busyTimeout: configuration.busyTimeout) {
      // Opening distinguishes regctl's databases from the application's and other files.
      _ = try Store.open(location, for: .reading, busyTimeout: configuration.busyTimeout)
      guard acceptsExisting else { throw .store(location.existing) }
      return Creation(isNew: false, hasNewKey: false, schemaVersion: Schema.version)
    }
    try SHA256.check()
    var hasNewKey = false
    if configuration.secretKeyFile == nil {
      hasNewKey = try SecretFile.createKey(configuration.effectiveSecretKeyFile, uid: uid)
    }
    do throws(RegctlError) {
      try Store.create(location, journalMode: journalMode, at: now, by: actor)
    } catch .store(let error) where acceptsExisting && error == location.existing {
      return Creation(isNew: false, hasNewKey: hasNewKey, schemaVersion: Schema.version)
    }
    return Creation(isNew: true, hasNewKey: hasNewKey, schemaVersion: Schema.version)
  }
}
