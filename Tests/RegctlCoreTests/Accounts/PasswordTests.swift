import System
import Testing

@testable import RegctlCore

@Suite("Password") struct PasswordTests {
  private func check(_ bytes: [UInt8]) throws {
    _ = try Password(SecretBytes(bytes.map { $0 }))
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
      ([], PasswordError.empty), (Array("1234567".utf8), .tooShort),
      (Array("üüüüüüü".utf8), .tooShort),
      (Array(String(repeating: "x", count: 73).utf8), .tooLong),
      (Array(String(repeating: "ü", count: 37).utf8), .tooLong),
      (Array("12345678\u{0}".utf8), .containsNUL), ([0], .containsNUL),
      (Array("1234567".utf8) + [0xff], .notUTF8),
      ([0xc0, 0x80] + Array("12345678".utf8), .notUTF8),
    ] as [([UInt8], PasswordError)])
  func `a long password is rejected, never truncated`(_ bytes: [UInt8], error: PasswordError) {
    #expect(throws: error) { try check(bytes) }
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
