internal import Base
internal import OpenSSL
internal import System

/// A bcrypt hash as the web application stores it, or the marker of an account without a password.
package struct PasswordHash: Equatable, Sendable {
  package let text: String

  /// A stored hash, unchanged.
  package init(stored text: String) { self.text = text }

  /// The marker of an account without a password; no password matches it.
  package static let unusable = PasswordHash(stored: "!")

  /// A well-formed hash that no password is known to have, so that the application answers a login
  /// as it answers a wrong password.
  ///
  /// It is random text instead of the hash of random text: both are equally unknown. `$2a$` is the
  /// prefix that every version of the application's libraries reads.
  static func unmatchable() -> PasswordHash {
    let alphabet = Array("./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    var digest = RandomBytes.generate(31).map { alphabet[Int($0 & 63)] }
    // 31 characters are 186 bits, and a digest has 184: the last two are zero.
    digest[30] = alphabet[Int(RandomBytes.generate(1)[0] & 60)]
    return PasswordHash(
      stored: Bcrypt.newSetting(prefix: "2a", cost: 12) + String(decoding: digest, as: UTF8.self))
  }

  /// The hash without the encoding of bytes as text, `\x` and two digits for each.
  ///
  /// The bytes of Flask-Bcrypt 1.0 can be stored so in a column of text, depending on the driver.
  var plainText: String {
    let bytes = Array(text.utf8)
    guard bytes.starts(with: #"\x2432"#.utf8), bytes.count.isMultiple(of: 2) else { return text }
    var decoded: [UInt8] = []
    for index in stride(from: 2, to: bytes.count, by: 2) {
      guard let high = Hexadecimal.value(of: bytes[index]),
        let low = Hexadecimal.value(of: bytes[index + 1])
      else { return text }
      decoded.append(high << 4 | low)
    }
    return String(validating: decoded, as: UTF8.self) ?? text
  }

  /// Whether a password has this hash, after as many rounds as `effort` requires.
  ///
  /// For an unusable hash, and for a password that is not possible, returns `false` after the
  /// rounds of the usual hash; neither the result nor the time tells them apart.
  func verifies(
    _ password: borrowing SecretBytes, under longPasswords: PasswordPolicy.LongPasswords,
    spending effort: HashingEffort
  ) throws(RegctlError) -> Bool {
    // First, since loading OpenSSL takes time too.
    let comparison = try openSSL(ConstantTime())
    let computed = try password.withBytes { bytes throws(RegctlError) in
      try hash(of: bytes, under: longPasswords)
    }
    guard let computed, let cost else {
      let runs = effort.runs(for: nil)
      Self.runInVain(cost: runs[0])
      Self.pad(runs)
      return false
    }
    Self.pad(effort.runs(for: cost))
    return comparison.equal(Array(computed.utf8), Array(plainText.utf8))
  }

  /// The hash of a password with the setting of this one; `nil` when no hash is computed.
  private func hash(
    of password: [UInt8], under longPasswords: PasswordPolicy.LongPasswords
  ) throws(RegctlError) -> String? {
    guard var prepared = try longPasswords.prepared(password) else { return nil }
    defer { SecretBytes.wipe(&prepared) }
    return cost == nil ? nil : Bcrypt.hash(of: prepared, setting: plainText)
  }

  /// Runs the rounds of a check that follow the comparison.
  private static func pad(_ runs: [Int]) {
    for cost in runs.dropFirst() { runInVain(cost: cost) }
  }

  /// Hashes a fixed value, at a cost, for its running time only.
  private static func runInVain(cost: Int) {
    _ = Bcrypt.hash(
      of: Array("no such password".utf8), setting: Bcrypt.fixedSetting(cost: cost))
  }

  /// A value that changes with the hash but does not reveal it: the first 16 hexadecimal digits of
  /// the SHA-256 of its text.
  func fingerprint() throws(RegctlError) -> String {
    try String(SHA256().hash(of: Array(text.utf8)).prefix(16))
  }

  /// The cost of a bcrypt hash; `nil` when the text is not a hash that regctl runs.
  package var cost: Int? { Bcrypt.cost(of: plainText) }

  /// The prefix of a bcrypt hash; `nil` for `2y`, which regctl does not write.
  var bcryptPrefix: PasswordPolicy.BcryptPrefix? {
    let text = plainText
    guard Bcrypt.isHash(text) else { return nil }
    return PasswordPolicy.BcryptPrefix(rawValue: String(text.dropFirst().prefix(2)))
  }

  /// Whether the application can verify a password by it, with any cost.
  var isHash: Bool { Bcrypt.isHash(plainText) }
}
