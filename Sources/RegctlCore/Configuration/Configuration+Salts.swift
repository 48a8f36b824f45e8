/// The salts of tokens.
extension Configuration {
  /// The salt of a purpose, and the setting that it comes from.
  struct Salt: Equatable {
    let purpose: TokenPurpose
    let setting: String
    let text: String
  }

  /// The salts that are settings themselves, starting with the one that an application shares.
  var writtenSalts: [Salt] {
    let salts = [
      Salt(purpose: .confirm, setting: "security_password_salt", text: securityPasswordSalt),
      Salt(purpose: .reset, setting: "reset_salt", text: resetSalt),
      Salt(purpose: .changeEmail, setting: "change_email_salt", text: changeEmailSalt),
    ]
    return securityPasswordSaltFile == nil ? salts : Array(salts.dropFirst())
  }

  /// The salt of each purpose. Reads the file of the one that an application shares, if it has one.
  func salts(uid: UInt32) throws(RegctlError) -> [Salt] {
    guard let path = securityPasswordSaltFile else { return writtenSalts }
    let text = try saltInFile(path, uid: uid)
    let salt = Salt(purpose: .confirm, setting: Self.saltFileSetting, text: text)
    let salts = [salt] + writtenSalts
    try requireDifferent(salts)
    return salts
  }

  private static let saltFileSetting = "security_password_salt_file"

  /// The last line of a file, because an application may use its key as the salt, and the last key
  /// of a key file is the one that signs.
  private func saltInFile(_ path: String, uid: UInt32) throws(RegctlError) -> String {
    let content = try SecretFile.read(
      path, setting: Self.saltFileSetting, isCredential: isCredential(Self.saltFileSetting),
      uid: uid, held: heldSecrets)
    func refuse(_ fault: ConfigurationError.Fault) -> RegctlError {
      .configuration(ConfigurationError(origin: .file(path: path, line: 0), fault: fault))
    }
    guard let last = KeyRing(fileContent: content)?.keys.last else {
      throw refuse(.noSalt(path: path))
    }
    guard let text = String(validating: last, as: UTF8.self) else { throw refuse(.notUTF8) }
    return text
  }

  /// Rejects a salt that is given both by itself and by a file.
  func requireOneSalt() throws(RegctlError) {
    let origin = origin(of: "security_password_salt")
    guard securityPasswordSaltFile != nil, origin != .builtIn else { return }
    throw .configuration(ConfigurationError(origin: origin, fault: .saltAndFile))
  }

  /// Rejects two purposes with the same salt, since only the salt distinguishes their tokens. The
  /// application's reset links are confirmation tokens, so that `reset_salt` may equal their salt.
  func requireDifferent(_ salts: [Salt]) throws(RegctlError) {
    for (place, second) in salts.enumerated() {
      guard let first = salts[..<place].first(where: { mayNotEqual($0, second) }) else { continue }
      let origins = [second, first].map { origin(of: $0.setting) }
      throw .configuration(
        ConfigurationError(
          origin: origins.first { $0 != .builtIn } ?? .builtIn,
          fault: .equalSalts(first.setting, second.setting)))
    }
  }

  private func mayNotEqual(_ first: Salt, _ second: Salt) -> Bool {
    if resetLink == .application, first.purpose == .confirm, second.purpose == .reset {
      return false
    }
    // Compared as bytes, as they are used for signing; Swift also considers different bytes equal.
    return first.text.utf8.elementsEqual(second.text.utf8)
  }

  /// The settings of salts that must not be shown, because the salt equals a signing key, or may do
  /// so because the key file cannot be read.
  ///
  /// An application may use its key as a salt; reading the salt then reveals the key.
  package func hiddenSalts(uid: UInt32) -> [String] {
    do throws(RegctlError) {
      let content = try SecretFile.read(
        effectiveSecretKeyFile, setting: "secret_key_file",
        isCredential: isCredential("secret_key_file"), uid: uid, held: heldSecrets)
      guard let ring = KeyRing(fileContent: content) else { return [] }
      return writtenSalts.filter { ring.keys.contains(Array($0.text.utf8)) }.map(\.setting)
    } catch .configuration(let error) {
      if case .missingFile = error.fault { return [] }
    } catch {
      // The key file exists and cannot be read.
    }
    return writtenSalts.filter { SecretText.isKey($0.text.utf8) }.map(\.setting)
  }
}
