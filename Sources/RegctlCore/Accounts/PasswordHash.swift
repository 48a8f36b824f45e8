internal import Base
internal import CCrypt
internal import OpenSSL
internal import System

/// A bcrypt hash as the web application stores it, or the marker of an account without a password.
@safe package struct PasswordHash: Equatable, Sendable {
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
      stored: "$2a$" + newSetting(cost: 12).dropFirst(4) + String(decoding: digest, as: UTF8.self))
  }

  /// The costs that regctl runs: 2^15 rounds take about two seconds, 2^31 a day.
  package static let costs = 4...15

  /// Hashes a password with a new random salt, as `$2b$`.
  ///
  /// The corresponding C functions are `crypt_gensalt_rn` and `crypt_rn`.
  init(of password: [UInt8], cost: Int) {
    precondition(Self.costs.contains(cost), "bcrypt cost \(cost)")
    guard let text = Self.crypt(password, setting: Self.newSetting(cost: cost)) else {
      preconditionFailure("libcrypt has no bcrypt")
    }
    self.text = text
  }

  /// Whether a password has this hash, after as many rounds as `effort` requires.
  ///
  /// For an unusable hash, and for a password of more than 72 bytes or with a NUL, returns `false`
  /// after the rounds of the usual hash; neither the result nor the time tells them apart.
  func verifies(
    _ password: borrowing SecretBytes, spending effort: HashingEffort
  ) throws(RegctlError) -> Bool {
    // First, since loading OpenSSL takes time too.
    let comparison = try openSSL(ConstantTime())
    return password.withBytes { bytes in
      let isPossible =
        !bytes.isEmpty && !bytes.contains(0) && bytes.count <= Password.maximumByteCount
      guard isPossible, let cost, let computed = Self.crypt(bytes, setting: text) else {
        let runs = effort.runs(for: nil)
        Self.runInVain(cost: runs[0])
        Self.pad(runs)
        return false
      }
      Self.pad(effort.runs(for: cost))
      return comparison.equal(Array(computed.utf8), Array(text.utf8))
    }
  }

  /// Runs the rounds of a check that follow the comparison.
  private static func pad(_ runs: [Int]) {
    for cost in runs.dropFirst() { runInVain(cost: cost) }
  }

  /// Hashes a fixed value, at a cost, for its running time only.
  private static func runInVain(cost: Int) {
    _ = crypt(Array("no such password".utf8), setting: fixedSetting(cost: cost))
  }

  /// A value that changes with the hash but does not reveal it: the first 16 hexadecimal digits of
  /// the SHA-256 of its text.
  func fingerprint() throws(RegctlError) -> String {
    try String(SHA256().hash(of: Array(text.utf8)).prefix(16))
  }

  /// The cost of a bcrypt hash; `nil` when the text is not a hash that regctl runs.
  package var cost: Int? {
    let bytes = Array(text.utf8)
    guard bytes.count == 60,
      ["$2a$", "$2b$", "$2y$"].contains(where: { bytes.starts(with: $0.utf8) }),
      bytes[4].isDigit, bytes[5].isDigit, bytes[6] == UInt8(ascii: "$")
    else { return nil }
    let cost = Int(bytes[4] - 48) * 10 + Int(bytes[5] - 48)
    return Self.costs.contains(cost) ? cost : nil
  }

  /// Whether the text is a bcrypt hash, including costs that regctl does not run.
  var isBcrypt: Bool {
    var text = text
    return text.withUTF8 { bytes in
      guard bytes.count == 60, unsafe bytes[0] == UInt8(ascii: "$"),
        unsafe bytes[1] == UInt8(ascii: "2"), unsafe "aby".utf8.contains(bytes[2]),
        unsafe bytes[3] == UInt8(ascii: "$"), unsafe bytes[4].isDigit, unsafe bytes[5].isDigit,
        unsafe bytes[6] == UInt8(ascii: "$"),
        unsafe (4...31).contains(Int(bytes[4] - 48) * 10 + Int(bytes[5] - 48))
      else { return false }
      return unsafe bytes[7...].allSatisfy {
        $0.isLetterOrDigit || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "/")
      }
    }
  }

  /// The setting of a hash that is discarded. Generating a random salt would take time that a real
  /// comparison does not.
  private static func fixedSetting(cost: Int) -> String {
    "$2b$\(cost < 10 ? "0" : "")\(cost)$" + String(repeating: ".", count: 22)
  }

  private static func newSetting(cost: Int) -> String {
    let random = RandomBytes.generate(16)
    var output = [CChar](repeating: 0, count: Int(CRYPT_GENSALT_OUTPUT_SIZE))
    let made = unsafe random.withUnsafeBytes { random in
      unsafe crypt_gensalt_rn(
        "$2b$", UInt(cost), random.baseAddress?.assumingMemoryBound(to: CChar.self),
        Int32(random.count), &output, Int32(output.count)) != nil
    }
    precondition(made, "libcrypt has no bcrypt")
    return String(decoding: output.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  /// Runs bcrypt; returns `nil` when libcrypt rejects the setting.
  private static func crypt(_ password: [UInt8], setting: String) -> String? {
    let scratch = UnsafeMutablePointer<crypt_data>.allocate(capacity: 1)
    unsafe scratch.initialize(to: crypt_data())
    defer {
      unsafe SecretBytes.wipe(
        UnsafeMutableRawBufferPointer(start: scratch, count: MemoryLayout<crypt_data>.size))
      unsafe scratch.deallocate()
    }
    var phrase = password.map { CChar(bitPattern: $0) } + [0]
    let output = unsafe crypt_rn(
      phrase, setting, scratch, Int32(MemoryLayout<crypt_data>.size))
    for index in phrase.indices { phrase[index] = 0 }
    guard let output = unsafe output else { return nil }
    return unsafe String(cString: output)
  }
}
