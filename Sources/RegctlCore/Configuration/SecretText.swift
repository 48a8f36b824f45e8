internal import Base

/// Detects text that may be a secret by its form, so that no message repeats it.
///
/// Secrets are given in the wrong place: a key file as the configuration, a key instead of its
/// file, a token to the wrong command. A false positive only makes a message less precise.
package enum SecretText {
  // MARK: Words

  /// Whether an argument or path has the form of a secret: a password hash, a signed token or a
  /// link with one, a URL with a password, or, as a whole, a random key in base64 or hexadecimal.
  package static func isSecret(_ word: String) -> Bool {
    // An argument mistaken for an option begins with hyphens.
    let bytes = Array(word.utf8.drop { $0 == UInt8(ascii: "-") })
    return isHash(bytes) || holdsToken(bytes) || holdsPassword(bytes) || isRandom(bytes)
  }

  /// Whether a value in an account file may contain a secret: a password hash, or at least 32
  /// consecutive characters of base64 or hexadecimal.
  package static func holdsSecret(_ value: String) -> Bool {
    let bytes = Array(value.utf8)
    return isHash(bytes) || longestRun(in: bytes, where: isBase64) >= randomLength
  }

  /// Whether text can be the name of a column, key or placeholder, possibly misspelled: at most 30
  /// letters, hyphens and underscores, the first a letter.
  package static func isName(_ text: String) -> Bool {
    guard let first = text.utf8.first, first.isLetter, text.utf8.count <= 30 else { return false }
    return text.utf8.allSatisfy { $0.isLetter || "-_".utf8.contains($0) }
  }

  /// Whether text can be the name of a column: a name, or small letters with at most three digits,
  /// of which random text has more.
  package static func isColumnName(_ text: String) -> Bool {
    if isName(text) { return true }
    return text.utf8.allSatisfy { $0.isSmallLetter || $0.isDigit || "-_.".utf8.contains($0) }
      && text.utf8.filter(\.isDigit).count <= 3 && text.utf8.count <= 30
      && text.utf8.first?.isLetter == true
  }

  /// A hash in the format of crypt(5) or of Werkzeug.
  private static func isHash(_ bytes: [UInt8]) -> Bool {
    if ["scrypt:", "pbkdf2:"].contains(where: { bytes.starts(with: $0.utf8) }) { return true }
    guard bytes.first == UInt8(ascii: "$") else { return false }
    let name = bytes.dropFirst().prefix { $0 != UInt8(ascii: "$") }
    return !name.isEmpty && name.count < bytes.count - 1
      && name.allSatisfy { $0.isLetterOrDigit || $0 == UInt8(ascii: "-") }
  }

  /// Whether bytes contain an itsdangerous token: payload, time and an HMAC-SHA1 in base64.
  private static func holdsToken(_ bytes: [UInt8]) -> Bool {
    func isPart(_ byte: UInt8) -> Bool { isURLSafe(byte) || byte == UInt8(ascii: ".") }
    return bytes.split(whereSeparator: { !isPart($0) }).contains { run in
      let parts = run.split(separator: UInt8(ascii: "."))
      return parts.count >= 3 && parts.last?.count == 27
        && (4...8).contains(parts[parts.count - 2].count)
    }
  }

  /// Whether text is `scheme://user:password@…` (RFC 3986, section 3.2.1).
  private static func holdsPassword(_ bytes: [UInt8]) -> Bool {
    guard let colon = bytes.firstIndex(of: UInt8(ascii: ":")),
      bytes[colon...].starts(with: "://".utf8)
    else { return false }
    let authority = bytes[(colon + 3)...].prefix { !"/?#".utf8.contains($0) }
    guard let at = authority.lastIndex(of: UInt8(ascii: "@")) else { return false }
    return authority[..<at].contains(UInt8(ascii: ":"))
  }

  /// The minimum length of random text; shorter words are names.
  private static let randomLength = 32

  /// Whether a whole word is hexadecimal, or base64 in one alphabet with upper case, lower case and
  /// digits mixed, as in nearly every random key and hardly any name.
  private static func isRandom(_ bytes: [UInt8]) -> Bool {
    let padding = bytes.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    let body = bytes.dropLast(padding)
    guard body.count >= randomLength, padding <= 2 else { return false }
    if body.allSatisfy({ Hexadecimal.value(of: $0) != nil }) { return true }
    // Text that begins with a slash is a path, unless it is padded.
    let isPath = body.first == UInt8(ascii: "/") && padding == 0
    guard (body.allSatisfy(isStandardBase64) && !isPath) || body.allSatisfy(isURLSafe) else {
      return false
    }
    return body.contains(where: \.isCapital) && body.contains(where: \.isSmallLetter)
      && body.contains(where: \.isDigit)
  }

  private static func longestRun(in bytes: [UInt8], where isPart: (UInt8) -> Bool) -> Int {
    bytes.split(whereSeparator: { !isPart($0) }).map(\.count).max() ?? 0
  }

  private static func isStandardBase64(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
  }

  private static func isURLSafe(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    isStandardBase64(byte) || isURLSafe(byte) || byte == UInt8(ascii: "=")
  }

  // MARK: Keys

  /// Whether text has the form of a signing key: one word of visible ASCII, not shorter than a key.
  static func isKey(_ text: some Collection<UInt8>) -> Bool {
    text.count >= KeyRing.minimumByteCount && text.allSatisfy(\.isVisible)
  }

  /// Whether a file consists of keys, one per line, without assignments.
  static func isKeyFile(_ content: [UInt8]) -> Bool {
    let lines = content.split(separator: UInt8(ascii: "\n")).map { line in
      line.last == UInt8(ascii: "\r") ? line.dropLast() : line
    }.filter { !$0.isEmpty }
    return !lines.isEmpty
      && lines.allSatisfy { line in
        isKey(line) && line.first != UInt8(ascii: "#")
          && ConfigurationParser.name(of: line) == nil
      }
  }

  /// Whether the value of a setting for a file name may be the secret: a key without a slash, or
  /// base64 with one.
  static func isKeyInsteadOfFile(_ value: String) -> Bool {
    let bytes = Array(value.utf8)
    return isKey(bytes) && (!bytes.contains(UInt8(ascii: "/")) || isRandom(bytes))
  }

  /// Whether the value of a setting for a file name may be a password: no slash, and not only lower
  /// case letters, dots, hyphens and underscores, as in most file names.
  static func isPasswordInsteadOfFile(_ value: String) -> Bool {
    let bytes = value.utf8
    return !bytes.contains(UInt8(ascii: "/"))
      && !bytes.allSatisfy { $0.isSmallLetter || ".-_".utf8.contains($0) }
  }
}
