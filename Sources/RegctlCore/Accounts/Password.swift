package import System

/// A password that satisfies the policy, in UTF-8, wiped when it is freed.
package struct Password: ~Copyable {
  /// bcrypt ignores further bytes.
  package static let maximumByteCount = 72
  package static let minimumCharacterCount = 8

  private let bytes: SecretBytes

  /// Checks a new password against the policy.
  package init(_ bytes: consuming SecretBytes) throws(PasswordError) {
    let fault = bytes.withBytes { bytes in Self.fault(of: bytes) }
    if let fault { throw fault }
    self.bytes = bytes
  }

  private static func fault(of bytes: [UInt8]) -> PasswordError? {
    if bytes.isEmpty { return .empty }
    if bytes.contains(0) { return .containsNUL }
    if bytes.count > maximumByteCount { return .tooLong }
    guard let text = String(validating: bytes, as: UTF8.self) else { return .notUTF8 }
    return text.unicodeScalars.count < minimumCharacterCount ? .tooShort : nil
  }

  /// A random password of 20 characters (119 bits), without characters that look alike.
  package static func generate() -> SecretBytes {
    let alphabet = Array("abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789-_.+:=".utf8)
    var characters: [UInt8] = []
    while characters.count < 20 {
      // Values beyond the alphabet are discarded, so that all characters are equally likely.
      let byte = Int(RandomBytes.generate(1)[0] & 63)
      if byte < alphabet.count { characters.append(alphabet[byte]) }
    }
    return SecretBytes(characters)
  }

  /// The bcrypt hash of the password at a cost from 4 to 15.
  package borrowing func hash(cost: Int) -> PasswordHash {
    bytes.withBytes { PasswordHash(of: $0, cost: cost) }
  }
}

/// The reason why a password is rejected.
package enum PasswordError: Error, Equatable, Sendable {
  case empty, containsNUL, tooLong, tooShort, notUTF8
  case entriesDiffer
}
