internal import System

/// Secrets that root read before it switched to another user, who may not be able to read them.
final class HeldSecrets: Sendable {
  private let secrets: [(path: String, content: Result<[UInt8], RegctlError>)]

  /// Reads the secrets of a configuration that a user may use, and a password file unchecked.
  ///
  /// Files of the other user are not trusted by root; they are read later.
  init(of configuration: Configuration, passwordFile: String?, uid: UInt32) {
    let settings = [
      ("secret_key_file", configuration.effectiveSecretKeyFile),
      ("security_password_salt_file", configuration.securityPasswordSaltFile),
      ("mail_password_file", configuration.mailPasswordFile),
    ]
    var secrets: [(path: String, content: Result<[UInt8], RegctlError>)] = []
    for case (let setting, let path?) in settings {
      do throws(RegctlError) {
        let content = try SecretFile.read(
          path, setting: setting, isCredential: configuration.isCredential(setting), uid: uid)
        secrets.append((path, .success(content)))
      } catch {
        // Read again when it is needed, so that the user gets the error.
      }
    }
    if let passwordFile {
      let content = Result { () throws(RegctlError) in
        try SecretFile.readPassword(passwordFile, uid: uid)
      }
      secrets.append((passwordFile, content))
    }
    self.secrets = secrets
  }

  deinit {
    for case (_, .success(let content)) in secrets {
      // In place, since mutating an array in a `deinit` would wipe a copy.
      unsafe content.withUnsafeBytes { bytes in
        unsafe SecretBytes.wipe(UnsafeMutableRawBufferPointer(mutating: bytes))
      }
    }
  }

  /// The content of a file read earlier, or its error; `nil` if the file was not read.
  func read(_ path: String) throws(RegctlError) -> [UInt8]? {
    // A separate copy, which is not wiped with this one.
    try secrets.first { $0.path == path }?.content.get().map { $0 }
  }
}
