internal import Base
internal import OpenSSL
internal import System

/// A hash of bcrypt or Werkzeug as the web application stores it, or the marker of an account without
/// a password.
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
  static func unmatchable(_ scheme: PasswordPolicy.Scheme) -> PasswordHash {
    if let function = scheme.derivation {
      return PasswordHash(stored: WerkzeugHash.unmatchable(function))
    }
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

  /// Whether a password has this hash, after as much work as `effort` requires.
  ///
  /// For an unusable hash, and for a password that is not possible, returns `false` after the work of
  /// the usual hash; neither the result nor the time tells them apart.
  func verifies(
    _ password: borrowing SecretBytes, under longPasswords: PasswordPolicy.LongPasswords,
    spending effort: HashingEffort
  ) throws(RegctlError) -> Bool {
    // First, since loading OpenSSL takes time too.
    let constantTime = try openSSL(ConstantTime())
    let isPossible = try password.withBytes { bytes throws(RegctlError) -> Bool in
      try isComparable(with: bytes, under: longPasswords)
    }
    let work = isPossible ? work : nil
    let runs = effort.runs(for: work)
    let place = work.flatMap { runs.firstIndex(of: $0) } ?? runs.startIndex
    for run in runs[..<place] { try run.runInVain() }
    let compared = try password.withBytes { bytes throws(RegctlError) in
      try comparison(with: bytes, under: longPasswords)
    }
    for run in compared == nil ? runs[place...] : runs[place...].dropFirst() {
      try run.runInVain()
    }
    guard let compared else { return false }
    return constantTime.equal(compared.computed, compared.stored)
  }

  /// Whether a password can have a hash of this kind, so that its hash is computed.
  private func isComparable(
    with password: [UInt8], under longPasswords: PasswordPolicy.LongPasswords
  ) throws(RegctlError) -> Bool {
    guard Bcrypt.cost(of: plainText) != nil else { return Password.isPossible(password) }
    guard var prepared = try longPasswords.prepared(password) else { return false }
    SecretBytes.wipe(&prepared)
    return true
  }

  /// What a password yields with the setting of this hash, and what is stored of it; `nil` when
  /// nothing is computed.
  private func comparison(
    with password: [UInt8], under longPasswords: PasswordPolicy.LongPasswords
  ) throws(RegctlError) -> (computed: [UInt8], stored: [UInt8])? {
    // For bcrypt, and in every case, because it takes time.
    var prepared = try longPasswords.prepared(password)
    defer { if var bytes = prepared.take() { SecretBytes.wipe(&bytes) } }
    let text = plainText
    if Bcrypt.cost(of: text) != nil {
      guard let prepared, let computed = Bcrypt.hash(of: prepared, setting: text) else {
        return nil
      }
      return (Array(computed.utf8), Array(text.utf8))
    }
    guard let hash = WerkzeugHash(text), hash.isRun, Password.isPossible(password) else {
      return nil
    }
    return (try hash.digits(of: password), hash.digits)
  }

  /// A value that changes with the hash but does not reveal it: the first 16 hexadecimal digits of
  /// the SHA-256 of its text.
  func fingerprint() throws(RegctlError) -> String {
    try String(SHA256().hash(of: Array(text.utf8)).prefix(16))
  }

  /// The work of the hash; `nil` when the text is not a hash that regctl runs.
  var work: HashingWork? {
    let text = plainText
    if let cost = Bcrypt.cost(of: text) { return .bcrypt(cost: cost) }
    guard let hash = WerkzeugHash(text), hash.isRun else { return nil }
    return .derivation(hash.function)
  }

  /// The prefix of a bcrypt hash; `nil` for `2y`, which regctl does not write.
  var bcryptPrefix: PasswordPolicy.BcryptPrefix? {
    let text = plainText
    guard Bcrypt.isHash(text) else { return nil }
    return PasswordPolicy.BcryptPrefix(rawValue: String(text.dropFirst().prefix(2)))
  }

  /// The scheme of the hash, with any cost; `nil` when the text is not a hash.
  var scheme: PasswordPolicy.Scheme? {
    let text = plainText
    if Bcrypt.isHash(text) { return .bcrypt }
    switch WerkzeugHash(text)?.function {
    case .scrypt: return .scrypt
    case .pbkdf2: return .pbkdf2
    case nil: return nil
    }
  }

  /// Whether the application can verify a password by it, with any cost.
  var isHash: Bool { scheme != nil }
}
