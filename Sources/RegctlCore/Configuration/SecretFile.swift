internal import Base
internal import Glibc
internal import SMTP
internal import System

/// A file with a secret, read only when others cannot read it.
package enum SecretFile {
  static let maximumByteCount = 65_536

  /// The maximum length of a password read from a file or FIFO.
  private static let maximumPasswordByteCount = Password.maximumByteCount + 3

  /// Reads a secret file that is trusted (`FileTrust`) and not readable by group and others.
  ///
  /// A credential of systemd is protected by systemd, with other permissions. Files read before
  /// root switched to another user are returned from memory.
  static func read(
    _ path: String, setting: String, isCredential: Bool, uid: UInt32, held: HeldSecrets? = nil
  ) throws(RegctlError) -> [UInt8] {
    if let content = try held?.read(path) { return content }
    if mayBeSecret(path, ofSetting: setting) {
      throw refusal(path, .secretInsteadOfFile(setting: setting))
    }
    let way =
      try isCredential ? fileAccess(ResolvedPath(path)) : FileTrust(uid: uid).checkWay(to: path)
    guard let status = way.status else {
      throw refusal(path, .missingFile(path: path, setting: setting))
    }
    let isOwner: (UInt32) -> Bool = { $0 == uid || $0 == 0 }
    // Before it is opened, which may not be allowed; this error is more precise.
    if !isCredential { try judge(status, of: path, ownedBy: isOwner) }
    let file = try fileAccess(
      File(
        path: way.path, flags: O_RDONLY | O_NOFOLLOW | O_NONBLOCK, shownAs: path))
    if isCredential { return try content(of: file) }
    return try content(of: file, ownedBy: isOwner)
  }

  /// Reads a password file. A FIFO or a terminal has no mode to check, and the path is not checked,
  /// since the user named it.
  package static func readPassword(
    _ path: String, uid: UInt32, in configuration: Configuration? = nil
  ) throws(RegctlError) -> [UInt8] {
    if let content = try configuration?.heldSecrets?.read(path) { return content }
    // A path with a directory is not a password given by mistake.
    let isPath = ["/", "./", "../"].contains { path.utf8.starts(with: $0.utf8) }
    if !isPath, !exists(path) {
      throw .configuration(
        ConfigurationError(origin: .builtIn, fault: .missingPasswordFile))
    }
    guard let status = try fileAccess(FileSystem.status(of: path)) else {
      throw .file(FileError(operation: "open", path: path, code: FileError.missing))
    }
    if !status.isRegularFile, !status.isDirectory {
      return try fileAccess(FileSystem.read(path, atMost: maximumPasswordByteCount))
    }
    // Root reads the file on behalf of the user who called sudo.
    return try content(of: fileAccess(File(path: path, flags: O_RDONLY | O_NONBLOCK))) {
      $0 == uid || $0 == 0 || uid == 0
    }
  }

  private static func refusal(_ path: String, _ fault: ConfigurationError.Fault) -> RegctlError {
    .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
  }

  /// Reads a file that belongs to one of some users and is not readable by group and others.
  private static func content(
    of file: borrowing File, ownedBy mayOwn: (UInt32) -> Bool
  ) throws(RegctlError) -> [UInt8] {
    try judge(try fileAccess(file.status()), of: file.path, ownedBy: mayOwn)
    return try content(of: file)
  }

  private static func judge(
    _ status: FileStatus, of path: String, ownedBy mayOwn: (UInt32) -> Bool
  ) throws(RegctlError) {
    guard status.isRegularFile else { throw refusal(path, .notARegularFile(path: path)) }
    guard status.permissions & 0o077 == 0 else {
      throw refusal(path, .readableByOthers(path: path, permissions: status.permissions))
    }
    guard mayOwn(status.user) else {
      throw refusal(path, .foreignOwner(path: path, uid: status.user))
    }
  }

  private static func content(of file: borrowing File) throws(RegctlError) -> [UInt8] {
    let path = file.path
    guard try fileAccess(file.status()).isRegularFile else {
      throw refusal(path, .notARegularFile(path: path))
    }
    let content = try fileAccess(file.read(atMost: maximumByteCount))
    guard content.count <= maximumByteCount else { throw refusal(path, .tooLarge) }
    return content
  }

  /// Whether the value of a setting for the name of a secret file may be the secret: the file does
  /// not exist, and the value looks like a key or a password.
  package static func mayBeSecret(_ value: String, ofSetting setting: String) -> Bool {
    let hasForm =
      SecretText.isKeyInsteadOfFile(value)
      || (["mail_password_file", "db_password_file"].contains(setting)
        && SecretText.isPasswordInsteadOfFile(value))
    return hasForm && !exists(value)
  }

  /// Whether a file contains signing keys, by its form or because it equals the key file.
  static func isKeyFile(_ content: [UInt8], inForce keyFile: String?) -> Bool {
    if SecretText.isKeyFile(content) { return true }
    guard let keyFile, !content.isEmpty else { return false }
    // An untrusted or unreadable key file cannot be the file that was read.
    let key = try? read(
      keyFile, setting: "secret_key_file", isCredential: false, uid: geteuid())
    return key == content
  }

  /// Whether a file exists, or may exist in a directory that the user may not search. A name that
  /// is too long for the system does not exist.
  private static func exists(_ path: String) -> Bool {
    do throws(RegctlError) {
      return try fileAccess(FileSystem.status(of: path)) != nil
    } catch .file(let error) {
      return error.isPermission
    } catch {
      return false
    }
  }

  /// Creates a file with one random key of 32 bytes in base64, durable on return.
  ///
  /// Returns `false` when the file exists already, and does not change it. Throws where the key
  /// would not be trusted (`FileTrust`).
  package static func createKey(_ path: String, uid: UInt32) throws(RegctlError) -> Bool {
    _ = try FileTrust(uid: uid).checkWay(to: path)
    try fileAccess(FileSystem.makeDirectories(FileSystem.directory(of: path)))
    var key = Base64.standard.encode(RandomBytes.generate(32)) + "\n"
    defer { key = "" }
    do throws(RegctlError) {
      try fileAccess(FileSystem.create(path, content: Array(key.utf8)))
      return true
    } catch .file(let error) where error.isExisting && error.path == path {
      return false
    }
  }
}

extension Configuration {
  /// The signing keys; weak keys are rejected unless `allow_weak_secret` is on.
  package func keyRing(uid: UInt32) throws(RegctlError) -> KeyRing {
    let path = effectiveSecretKeyFile
    let content = try SecretFile.read(
      path, setting: "secret_key_file", isCredential: isCredential("secret_key_file"), uid: uid,
      held: heldSecrets)
    func refuse(_ fault: ConfigurationError.Fault) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
    }
    guard let ring = KeyRing(fileContent: content) else { throw refuse(.noKey(path: path)) }
    if !allowsWeakSecret, let (position, weakness) = try weakness(of: ring, uid: uid) {
      throw refuse(.weakKey(path: path, position: position, weakness: weakness))
    }
    return ring
  }

  /// The first weakness of the signing keys with the configured salts, and the position of the key.
  package func weakness(
    of keys: KeyRing, uid: UInt32
  ) throws(RegctlError) -> (position: Int, weakness: KeyRing.Weakness)? {
    keys.weakness(salts: try salts(uid: uid).map { (setting: $0.setting, salt: $0.text) })
  }

  func isCredential(_ key: String) -> Bool {
    effective.contains { setting in
      if setting.key == key, case .credential = setting.origin { true } else { false }
    }
  }
}
