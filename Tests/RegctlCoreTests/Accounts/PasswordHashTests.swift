import Foundation
import System
import Testing

@testable import RegctlCore

extension HashVector: CustomTestStringConvertible {
  var testDescription: String { hash }
}

extension PasswordHash {
  /// Whether bytes, of which the test keeps a copy, have this hash.
  fileprivate func verifies(_ password: [UInt8]) throws -> Bool {
    try verifies(SecretBytes(password.map { $0 }), under: .refuse, spending: .single)
  }
}

@Suite("PasswordHash") struct PasswordHashTests {
  @Test func `there are vectors`() {
    #expect(HashVector.all.count > 10)
  }

  @Test(arguments: HashVector.all)
  func `a hash of bcrypt verifies its password`(_ vector: HashVector) throws {
    let hash = PasswordHash(stored: vector.hash)
    #expect(try hash.verifies(Array(vector.password)))
  }

  @Test(arguments: HashVector.all)
  func `a hash of bcrypt verifies no other password`(_ vector: HashVector) throws {
    let hash = PasswordHash(stored: vector.hash)
    var other = Array(vector.password)
    other[other.count - 1] ^= 1
    #expect(try !hash.verifies(other))
    #expect(try !hash.verifies(Array(vector.password.dropLast())))
  }

  @Test func `a new hash is $2b$ at the cost wanted, each with a salt of its own`() throws {
    let hashes = try (0..<2).map { _ in
      try Password(
        SecretBytes(Array("correct horse".utf8)), under: PasswordPolicy(bcryptCost: 5)
      ).hash()
    }
    for hash in hashes {
      #expect(hash.text.hasPrefix("$2b$05$"))
      #expect(hash.text.utf8.count == 60)
      #expect(try hash.verifies(Array("correct horse".utf8)))
    }
    #expect(hashes[0] != hashes[1])
  }

  private static let tail = "$abcdefghijklmnopqrstuuQe66hACgXZ.ImKMvPGdqru0gQrWJ8Ju"

  @Test(arguments: [
    ("$2b$04\(tail)", 4), ("$2a$13\(tail)", 13), ("$2y$15\(tail)", 15), ("$2b$16\(tail)", nil),
    ("$2b$31\(tail)", nil), ("$2b$03\(tail)", nil), ("$2b$4\(tail)x", nil), ("$2x$04\(tail)", nil),
    ("$2b$04\(tail)x", nil), ("$6$04\(tail)", nil), ("!", nil), ("", nil), ("plain text", nil),
  ])
  func `a cost that is too high is not run`(_ text: String, cost: Int?) throws {
    #expect(PasswordHash(stored: text).cost == cost)
  }

  @Test(arguments: ["!", "", "plain text", "$2b$04$", "$2b$31\(tail)", "$2b$04$!!!!"])
  func `an invalid hash verifies nothing, not even itself`(_ text: String) throws {
    let hash = PasswordHash(stored: text)
    #expect(try !hash.verifies(Array(text.utf8)))
    #expect(try !hash.verifies(Array("admin".utf8)))
    // The value hashed in its place.
    #expect(try !hash.verifies(Array("no such password".utf8)))
  }

  /// A hash as PostgreSQL shows the bytes of one.
  private static func encoded(_ hash: String) -> String {
    #"\x"# + hash.utf8.map { String($0, radix: 16) }.joined()
  }

  @Test(arguments: HashVector.all)
  func `a hash as hexadecimal digits of bytes verifies its password`(_ vector: HashVector) throws {
    let hash = PasswordHash(stored: Self.encoded(vector.hash))
    #expect(hash.text.utf8.count == 122)
    #expect(hash.plainText == vector.hash)
    #expect(hash.isHash)
    #expect(try hash.verifies(Array(vector.password)))
    #expect(try !hash.verifies(Array(vector.password.dropLast())))
  }

  @Test(arguments: ["\\x243", "\\x2432zz", "\\x", "\\x21", "\\x2432ff"])
  func `other digits are no hash`(_ text: String) {
    #expect(PasswordHash(stored: text).plainText == text)
    #expect(!PasswordHash(stored: text).isHash)
  }

  @Test(arguments: [
    ("$2a$04\(tail)", PasswordPolicy.BcryptPrefix.older), ("$2b$31\(tail)", .current),
    ("$2y$04\(tail)", nil), ("!", nil), ("$2b$04$", nil),
  ])
  func `the prefix of a hash is recognised`(_ text: String, prefix: PasswordPolicy.BcryptPrefix?) {
    #expect(PasswordHash(stored: text).bcryptPrefix == prefix)
    #expect(PasswordHash(stored: Self.encoded(text)).bcryptPrefix == prefix)
  }

  @Test func `an unmatchable hash is well formed, and no two are alike`() {
    let hashes = (0..<2).map { _ in PasswordHash.unmatchable() }
    #expect(hashes.allSatisfy { $0.isHash && $0.cost == 12 && $0.bcryptPrefix == .older })
    #expect(hashes[0] != hashes[1])
  }

  @Test(arguments: [[], [0x61, 0], [UInt8](repeating: 0x79, count: 73)])
  func `an impossible password verifies nothing`(_ password: [UInt8]) throws {
    let hash = try Password(
      SecretBytes([UInt8](repeating: 0x79, count: 72)), under: PasswordPolicy(bcryptCost: 4)
    ).hash()
    #expect(try !hash.verifies(password))
  }
}
