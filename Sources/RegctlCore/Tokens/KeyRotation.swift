internal import Base
internal import System

/// Adds a signing key to the key file, and takes out those that no valid link needs.
///
/// Links are signed with the newest key and verified with each. The audit says when a key was added,
/// by a fingerprint of it, so that the time is known until which links of the key before can be
/// valid. No delivery may be at work meanwhile: a pass goes on signing with the key that it began
/// with.
package struct KeyRotation {
  /// What was done.
  package struct Result: Equatable, Sendable {
    package let path: String

    /// The number of keys that the file has now.
    package let keys: Int

    /// The number of keys that were taken out.
    package let dropped: Int

    /// When the last link of the older keys expires; `nil` when there are none.
    package let neededUntil: Instant?
  }

  private let configuration: Configuration
  private let uid: UInt32
  private let path: String

  /// Throws for a key file that cannot be replaced, or must not.
  package init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    self.configuration = configuration
    self.uid = uid
    path = configuration.effectiveSecretKeyFile
    if configuration.isCredential("secret_key_file") {
      throw Self.refusal(path, .credentialOfKey)
    }
    _ = try configuration.keyRing(uid: uid)
    guard let saltFile = configuration.securityPasswordSaltFile else { return }
    let (keys, salt) = try (fileAccess(ResolvedPath(path)), fileAccess(ResolvedPath(saltFile)))
    if keys.path == salt.path { throw Self.refusal(path, .saltInKeyFile) }
  }

  private static func refusal(_ path: String, _ fault: ConfigurationError.Fault) -> RegctlError {
    .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
  }

  /// Adds a random key, which signs from now on.
  package func add(
    in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Result {
    let right = try store.deliveryRight()
    var key = Array(Base64.standard.encode(RandomBytes.generate(32)).utf8)
    defer { SecretBytes.wipe(&key) }
    let detail = Self.addition + (try Self.fingerprint(of: key))
    var file = KeyFile(content: try content())
    file.append(key)
    try replace(
      by: file, dropping: 0, in: store,
      AuditEntry(act: .rotateKey, at: now, actor: actor, detail: detail))
    right.release()
    let count = file.keys.count
    return Result(
      path: path, keys: count, dropped: 0,
      neededUntil: count > 1 ? now + configuration.tokenMaxAge : nil)
  }

  /// Takes out keys whose last link has expired.
  package func dropExpired(
    in store: Store, at now: Instant, by actor: Actor
  ) throws(RegctlError) -> Result {
    let right = try store.deliveryRight()
    var file = KeyFile(content: try content())
    let ends = try ends(of: file.keys, in: store)
    // The older ones are not needed longer than the younger ones; a clock may have been wrong.
    let expired = ends.prefix { $0 < now }.count
    if expired > 0 {
      file.dropFirst(expired)
      let detail = "dropped \(Plural.count(expired, "key"))"
      try replace(
        by: file, dropping: expired, in: store,
        AuditEntry(act: .rotateKey, at: now, actor: actor, detail: detail))
    }
    right.release()
    return Result(
      path: path, keys: file.keys.count, dropped: expired,
      neededUntil: ends.dropFirst(expired).max())
  }

  /// When the last link of each key but the newest expires, oldest key first.
  private func ends(of keys: [[UInt8]], in store: Store) throws(RegctlError) -> [Instant] {
    let additions = try store.additionsOfKeys()
    let changed = try fileAccess(FileSystem.status(of: path))?.changed ?? 0
    return try keys.dropFirst().map { successor throws(RegctlError) in
      // A key that was added by hand came not later than the last change of the file.
      let since =
        try additions[Self.addition + Self.fingerprint(of: successor)]
        ?? Instant(seconds: changed + 1)
      return since + configuration.tokenMaxAge
    }
  }

  private func content() throws(RegctlError) -> [UInt8] {
    try SecretFile.read(
      path, setting: "secret_key_file", isCredential: false, uid: uid,
      held: configuration.heldSecrets)
  }

  /// Replaces the key file when its audit entry is written, and before that is committed.
  private func replace(
    by file: KeyFile, dropping count: Int, in store: Store, _ entry: AuditEntry
  ) throws(RegctlError) {
    let announcement: Announcement = { () throws(RegctlError) in
      try write(file, dropping: count)
    }
    try store.transaction(announcing: announcement) { () throws(RegctlError) in
      _ = try store.record(entry)
    }
  }

  /// Replaces the key file by one from which some of the oldest keys were dropped, or none.
  private func write(_ file: KeyFile, dropping count: Int) throws(RegctlError) {
    do throws(RegctlError) {
      try fileAccess(FileSystem.replace(path, content: file.content))
    } catch .file(let error) where error.isPermission {
      throw Self.refusal(path, .fixedKeyFile(path: path, dropping: count))
    }
  }

  private static let addition = "key "

  /// What tells a key from others and does not help to find it: a key has 32 random bytes.
  private static func fingerprint(of key: [UInt8]) throws(RegctlError) -> String {
    String(try SHA256().hash(of: key).prefix(8))
  }
}
