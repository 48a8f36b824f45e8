internal import System

/// Secrets that root read before it became another user, which might not be able to.
final class HeldSecrets: Sendable {
  private let secrets: [(path: String, content: Result<[UInt8], RegctlError>)]

  /// Reads the secrets of a configuration that count for a user, and a password file as it is.
  ///
  /// What belongs to the other user does not count for root. It is left to be read later.
  init(of configuration: Configuration, passwordFile: String?, uid: UInt32) {
    let settings = [
      ("secret_key_file", configuration.effectiveSecretKeyFile),
      ("mail_password_file", configuration.mailPasswordFile),
    ]
    var secrets: [(path: String, content: Result<[UInt8], RegctlError>)] = []
    for case (let setting, let path?) in settings {
      do throws(RegctlError) {
        let content = try SecretFile.read(
          path, setting: setting, isCredential: configuration.isCredential(setting), uid: uid)
        secrets.append((path, .success(content)))
      } catch {
        // It is read again when it is needed, and then the error is the user's.
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
      // In place: mutating an array in a `deinit` would wipe a copy.
      unsafe content.withUnsafeBytes { bytes in
        unsafe SecretBytes.wipe(UnsafeMutableRawBufferPointer(mutating: bytes))
      }
    }
  }

  /// The content of a file that was read before, or why it could not be; `nil` if it was not tried.
  func read(_ path: String) throws(RegctlError) -> [UInt8]? {
    // A copy of its own, which is not wiped with this one.
    try secrets.first { $0.path == path }?.content.get().map { $0 }
  }
}
