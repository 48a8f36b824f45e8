/// How new passwords are checked and hashed, and how the application treats long ones.
package struct PasswordPolicy: Equatable, Sendable {
  /// The prefix of new bcrypt hashes.
  package enum BcryptPrefix: String, CaseIterable, Sendable {
    /// That of the newest hash in the table, and `2b` without one.
    case auto
    /// Every version of the application's libraries verifies it.
    case older = "2a"
    case current = "2b"
  }

  /// What becomes of a password before bcrypt, which ignores what follows 72 bytes.
  package enum LongPasswords: String, CaseIterable, Sendable {
    /// Longer passwords are rejected.
    case refuse
    /// The first 72 bytes are hashed, as py-bcrypt and bcrypt before 5.0 do.
    case truncate
    /// The SHA-256 of every password is hashed, in hexadecimal digits, as Flask-Bcrypt does with
    /// `BCRYPT_HANDLE_LONG_PASSWORDS`.
    case sha256
  }

  package internal(set) var bcryptCost: Int
  package internal(set) var bcryptPrefix = BcryptPrefix.auto
  package internal(set) var longPasswords = LongPasswords.refuse

  /// The least number of characters of a new password.
  package internal(set) var minimumCharacterCount = 8
}

extension PasswordPolicy.LongPasswords {
  /// What bcrypt hashes of a password; `nil` for one that no hash can have.
  ///
  /// Throws if OpenSSL is needed and not available.
  func prepared(_ password: [UInt8]) throws(RegctlError) -> [UInt8]? {
    if password.isEmpty || password.contains(0) || password.count > Password.maximumByteCount {
      return nil
    }
    switch self {
    case .refuse: return password.count <= Bcrypt.maximumByteCount ? password : nil
    case .truncate: return Array(password.prefix(Bcrypt.maximumByteCount))
    case .sha256: return Array(try SHA256().hash(of: password).utf8)
    }
  }
}
