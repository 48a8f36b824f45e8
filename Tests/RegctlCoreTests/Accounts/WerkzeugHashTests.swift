import OpenSSL
import System
import Testing

@testable import RegctlCore

@Suite("WerkzeugHash") struct WerkzeugHashTests {
  private static let key = String(repeating: "0", count: 128)

  @Test func `there are vectors`() {
    #expect(HashVector.werkzeug.count >= 30)
  }

  @Test(arguments: HashVector.werkzeug)
  func `a hash of Werkzeug verifies its password and no other`(_ vector: HashVector) throws {
    let hash = PasswordHash(stored: vector.hash)
    let password = Array(vector.password)
    #expect(hash.isHash)
    func verifies(_ bytes: [UInt8]) throws -> Bool {
      try hash.verifies(SecretBytes(bytes.map { $0 }), under: .refuse, spending: .single)
    }
    #expect(try verifies(password))
    #expect(try !verifies(password + [0x78]))
    #expect(try !verifies(Array("no such password".utf8)))
  }

  @Test(arguments: [
    "scrypt:32768:8:1$$\(key)", "scrypt:32767:8:1$salt$\(key)", "scrypt:1:8:1$salt$\(key)",
    "scrypt:32768:8$salt$\(key)", "scrypt:32768:8:0$salt$\(key)", "scrypt:+8:8:1$salt$\(key)",
    "scrypt:32768:8:1$salt$\(key)0", "scrypt:32768:8:1$salt$\(key.dropLast())A", "scrypt$a$b",
    "scrypt:1099511627776:8:1$salt$\(key)", "pbkdf2:sha512:0$salt$\(key)",
    "pbkdf2:md5:1$salt$\(key)", "pbkdf2:sha256:1$salt$\(key)", "pbkdf2:sha512$salt$\(key)",
    "scrypt:32768:8:1$sa\u{1}lt$\(key)", "", "s", "sha256$salt$\(key)",
  ])
  func `other text is no hash`(_ text: String) {
    #expect(WerkzeugHash(text) == nil)
    #expect(!PasswordHash(stored: text).isHash)
  }

  @Test(arguments: [
    ("scrypt:32768:8:1$salt$\(key)", true), ("scrypt:262144:8:1$salt$\(key)", true),
    ("scrypt:32768:8:16$salt$\(key)", true), ("scrypt:524288:8:1$salt$\(key)", false),
    ("scrypt:32768:8:17$salt$\(key)", false), ("scrypt:2:1:999999999$salt$\(key)", false),
    ("scrypt:536870912:999999999:999999999$salt$\(key)", false),
    ("pbkdf2:sha512:10000000$salt$\(key)", true), ("pbkdf2:sha512:10000001$salt$\(key)", false),
  ])
  func `a cost that is too high is a hash and not run`(_ text: String, isRun: Bool) {
    #expect(WerkzeugHash(text)?.isRun == isRun)
    #expect((PasswordHash(stored: text).work != nil) == isRun)
  }

  @Test(arguments: [
    (PasswordPolicy.Scheme.scrypt, "scrypt:32768:8:1$"), (.pbkdf2, "pbkdf2:sha256:1000000$"),
  ])
  func `a new hash has Werkzeug's default cost and a salt of its own`(
    _ scheme: PasswordPolicy.Scheme, start: String
  ) throws {
    var policy = PasswordPolicy(bcryptCost: 4)
    policy.scheme = scheme
    let hashes = try (0..<2).map { _ in
      // Longer than bcrypt takes.
      try Password(SecretBytes([UInt8](repeating: 0x79, count: 100)), under: policy).hash()
    }
    for hash in hashes {
      #expect(hash.text.hasPrefix(start))
      #expect(hash.scheme == scheme)
      let salt = hash.text.split(separator: "$")[1]
      #expect(salt.utf8.count == 16)
      #expect(
        try hash.verifies(
          SecretBytes([UInt8](repeating: 0x79, count: 100)), under: .refuse, spending: .single))
    }
    #expect(hashes[0] != hashes[1])
    let unmatchable = PasswordHash.unmatchable(scheme)
    #expect(unmatchable.text.hasPrefix(start))
    #expect(unmatchable.isHash)
  }
}
