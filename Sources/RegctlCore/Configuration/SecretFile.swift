internal import Glibc
internal import OpenSSL
internal import SMTP

/// A file that holds a secret, read only when nobody else could read it.
package enum SecretFile {
  static let maximumByteCount = 65_536

  /// Reads a secret file that belongs to the user or root and that group and others cannot read.
  ///
  /// A credential of systemd is guarded by systemd, which shows that in its own way.
  static func read(
    _ path: String, setting: String, isCredential: Bool, uid: UInt32
  ) throws(RegctlError) -> [UInt8] {
    func refuse(_ fault: ConfigurationError.Fault) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
    }
    guard try FileSystem.status(of: path) != nil else {
      throw refuse(.missingFile(path: path, setting: setting))
    }
    let file = try File(path: path, flags: O_RDONLY)
    let status = try file.status()
    guard status.isRegularFile else { throw refuse(.notARegularFile(path: path)) }
    if !isCredential {
      guard status.permissions & 0o077 == 0 else {
        throw refuse(.readableByOthers(path: path, permissions: status.permissions))
      }
      // Root reads the service's own key, as `sudo regctl` does.
      guard status.user == uid || status.user == 0 || uid == 0 else {
        throw refuse(.foreignOwner(path: path, uid: status.user))
      }
    }
    let content = try file.read(atMost: maximumByteCount)
    guard content.count <= maximumByteCount else { throw refuse(.tooLarge) }
    return content
  }

  /// Reads a password file; a pipe or a terminal is nobody's to guard.
  package static func readPassword(
    _ path: String, atMost limit: Int, uid: UInt32
  ) throws(RegctlError) -> [UInt8] {
    guard let status = try FileSystem.status(of: path) else {
      throw .file(FileError(operation: "open", path: path, code: FileError.missing))
    }
    if !status.isRegularFile, !status.isDirectory {
      return try FileSystem.read(path, atMost: limit)
    }
    return try read(path, setting: "--password-file", isCredential: false, uid: uid)
  }

  /// Makes a file with one random key of 32 bytes in base64, durable when this returns.
  ///
  /// Returns `false` when the file exists already; it is left as it is.
  package static func createKey(_ path: String) throws(RegctlError) -> Bool {
    try FileSystem.makeDirectories(FileSystem.directory(of: path))
    var key = Base64.encode(RandomBytes.generate(32)) + "\n"
    defer { key = "" }
    do throws(RegctlError) {
      try FileSystem.create(path, content: Array(key.utf8))
      return true
    } catch .file(let error) where error.isExisting && error.path == path {
      return false
    }
  }
}

extension Configuration {
  /// The signing keys, refused when they are weak unless `allow_weak_secret` is on.
  package func keyRing(uid: UInt32) throws(RegctlError) -> KeyRing {
    let path = effectiveSecretKeyFile
    let content = try SecretFile.read(
      path, setting: "secret_key_file", isCredential: isCredential("secret_key_file"), uid: uid)
    func refuse(_ fault: ConfigurationError.Fault) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
    }
    guard let ring = KeyRing(fileContent: content) else { throw refuse(.noKey(path: path)) }
    if !allowsWeakSecret, let (position, weakness) = ring.weakness(salts: salts) {
      throw refuse(.weakKey(path: path, position: position, weakness: weakness))
    }
    return ring
  }

  func isCredential(_ key: String) -> Bool {
    effective.contains { setting in
      if setting.key == key, case .credential = setting.origin { true } else { false }
    }
  }
}
