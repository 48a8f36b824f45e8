package import System

/// A password that satisfies the policy, in UTF-8, wiped when it is freed.
package struct Password: ~Copyable {
  /// The number of bytes that are read of a password at most.
  package static let maximumByteCount = 4096

  private let bytes: SecretBytes
  private let policy: PasswordPolicy

  /// Checks a new password against the policy.
  package init(
    _ bytes: consuming SecretBytes, under policy: PasswordPolicy
  ) throws(PasswordError) {
    let fault = bytes.withBytes { bytes in Self.fault(of: bytes, under: policy) }
    if let fault { throw fault }
    self.bytes = bytes
    self.policy = policy
  }

  private static func fault(of bytes: [UInt8], under policy: PasswordPolicy) -> PasswordError? {
    if bytes.isEmpty { return .empty }
    if bytes.contains(0) { return .containsNUL }
    if policy.longPasswords == .refuse, bytes.count > Bcrypt.maximumByteCount {
      return .tooLong(limit: Bcrypt.maximumByteCount)
    }
    if bytes.count > maximumByteCount { return .tooLong(limit: maximumByteCount) }
    guard let text = String(validating: bytes, as: UTF8.self) else { return .notUTF8 }
    let minimum = policy.minimumCharacterCount
    return text.unicodeScalars.count < minimum ? .tooShort(minimum: minimum) : nil
  }

  /// A random password of 20 characters (119 bits) or more, without characters that look alike.
  package static func generate(characterCount count: Int = 20) -> SecretBytes {
    let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.+:=".utf8)
    var characters: [UInt8] = []
    while characters.count < max(20, count) {
      // Values beyond the alphabet are discarded, so that all characters are equally likely.
      let byte = Int(RandomBytes.generate(1)[0] & 63)
      if byte < alphabet.count { characters.append(alphabet[byte]) }
    }
    return SecretBytes(characters)
  }

  /// The hash of the password; `prefix` takes the place of `auto`.
  ///
  /// Throws if OpenSSL is needed and not available.
  package borrowing func hash(
    prefix: PasswordPolicy.BcryptPrefix = .current
  ) throws(RegctlError) -> PasswordHash {
    let prefix = policy.bcryptPrefix == .auto ? prefix : policy.bcryptPrefix
    let text = try bytes.withBytes { bytes throws(RegctlError) in
      guard var prepared = try policy.longPasswords.prepared(bytes) else {
        preconditionFailure("the policy allows the password")
      }
      defer { SecretBytes.wipe(&prepared) }
      return Bcrypt.newHash(of: prepared, prefix: prefix.rawValue, cost: policy.bcryptCost)
    }
    return PasswordHash(stored: text)
  }
}

/// The reason why a password is rejected.
package enum PasswordError: Error, Equatable, Sendable {
  case empty, containsNUL, notUTF8
  /// Longer than a number of bytes.
  case tooLong(limit: Int)
  /// Shorter than a number of characters.
  case tooShort(minimum: Int)
  case entriesDiffer
}
