import System
import Testing

@testable import RegctlCore

@Suite("Password") struct PasswordTests {
  private func check(_ bytes: [UInt8], under policy: PasswordPolicy = .init(bcryptCost: 4)) throws {
    _ = try Password(SecretBytes(bytes.map { $0 }), under: policy)
  }

  private static func policy(
    _ longPasswords: PasswordPolicy.LongPasswords, prefix: PasswordPolicy.BcryptPrefix = .auto,
    minimum: Int = 8
  ) -> PasswordPolicy {
    var policy = PasswordPolicy(bcryptCost: 4)
    policy.longPasswords = longPasswords
    policy.bcryptPrefix = prefix
    policy.minimumCharacterCount = minimum
    return policy
  }

  private func hash(
    _ text: String, _ policy: PasswordPolicy, newest: PasswordPolicy.BcryptPrefix = .current
  ) throws -> PasswordHash {
    try Password(SecretBytes(Array(text.utf8)), under: policy).hash(prefix: newest)
  }

  private func verifies(
    _ text: String, _ hash: PasswordHash, _ longPasswords: PasswordPolicy.LongPasswords
  ) throws -> Bool {
    try hash.verifies(SecretBytes(Array(text.utf8)), under: longPasswords, spending: .single)
  }

  @Test(arguments: [
    "12345678", "correct horse battery staple", String(repeating: "x", count: 72),
    String(repeating: "ü", count: 36), "密码密码密码密码", "        ", "tab\tnewline\n",
  ])
  func `a password within the policy is accepted`(_ text: String) throws {
    try check(Array(text.utf8))
  }

  @Test(
    arguments: [
      ([], PasswordError.empty), (Array("1234567".utf8), .tooShort(minimum: 8)),
      (Array("üüüüüüü".utf8), .tooShort(minimum: 8)),
      (Array(String(repeating: "x", count: 73).utf8), .tooLong(limit: 72)),
      (Array(String(repeating: "ü", count: 37).utf8), .tooLong(limit: 72)),
      (Array("12345678\u{0}".utf8), .containsNUL), ([0], .containsNUL),
      (Array("1234567".utf8) + [0xff], .notUTF8),
      ([0xc0, 0x80] + Array("12345678".utf8), .notUTF8),
    ] as [([UInt8], PasswordError)])
  func `a long password is rejected, never truncated`(_ bytes: [UInt8], error: PasswordError) {
    #expect(throws: error) { try check(bytes) }
  }

  @Test(arguments: [PasswordPolicy.LongPasswords.truncate, .sha256])
  func `with a setting for long passwords, 4096 bytes are accepted`(
    _ longPasswords: PasswordPolicy.LongPasswords
  ) throws {
    let policy = Self.policy(longPasswords)
    try check([UInt8](repeating: 0x78, count: 4096), under: policy)
    #expect(throws: PasswordError.tooLong(limit: 4096)) {
      try check([UInt8](repeating: 0x78, count: 4097), under: policy)
    }
    #expect(throws: PasswordError.containsNUL) { try check([0x78, 0], under: policy) }
  }

  @Test func `the least number of characters is a setting`() throws {
    try check(Array("sixsix".utf8), under: Self.policy(.refuse, minimum: 6))
    #expect(throws: PasswordError.tooShort(minimum: 6)) {
      try check(Array("fives".utf8), under: Self.policy(.refuse, minimum: 6))
    }
    Password.generate(characterCount: 30).withBytes { #expect($0.count == 30) }
  }

  @Test func `truncated, only the first 72 bytes count`() throws {
    let text = String(repeating: "x", count: 80)
    let hash = try hash(text, Self.policy(.truncate))
    #expect(try verifies(text, hash, .truncate))
    #expect(try verifies(String(repeating: "x", count: 72), hash, .refuse))
    #expect(try !verifies(text, hash, .refuse))
    #expect(try !verifies(String(repeating: "x", count: 71), hash, .truncate))
  }

  @Test(arguments: ["short password", String(repeating: "x", count: 80)])
  func `with SHA-256 first, the digits of every password are hashed`(_ text: String) throws {
    let hash = try hash(text, Self.policy(.sha256))
    #expect(try verifies(text, hash, .sha256))
    #expect(try verifies(SHA256().hash(of: Array(text.utf8)), hash, .refuse))
    #expect(try !verifies(text, hash, .truncate))
  }

  @Test func `the prefix is the setting, or that of the newest hash`() throws {
    let text = "correct horse"
    #expect(try hash(text, Self.policy(.refuse)).text.hasPrefix("$2b$04$"))
    #expect(try hash(text, Self.policy(.refuse), newest: .older).text.hasPrefix("$2a$04$"))
    #expect(
      try hash(text, Self.policy(.refuse, prefix: .older)).text.hasPrefix("$2a$04$"))
    #expect(
      try hash(text, Self.policy(.refuse, prefix: .current), newest: .older).text
        .hasPrefix("$2b$04$"))
  }

  /// A generated password, copied element by element, since the array is wiped with its owner.
  private func generated() -> [UInt8] {
    Password.generate().withBytes { bytes in bytes.map { $0 } }
  }

  @Test func `a generated password passes its own policy`() throws {
    try Password.generate().withBytes { bytes in
      #expect(bytes.count == 20)
      try check(bytes)
    }
  }

  @Test func `no two generated passwords are alike`() {
    let passwords = (0..<100).map { _ in generated() }
    #expect(Set(passwords).count == 100)
  }

  @Test func `generated characters do not look alike`() {
    let letters = Set((0..<200).flatMap { _ in generated() })
    #expect(letters.count > 50)
    #expect(letters.isDisjoint(with: "lIO01".utf8))
  }
}
