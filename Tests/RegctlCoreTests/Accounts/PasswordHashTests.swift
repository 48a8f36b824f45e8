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
    try verifies(SecretBytes(password.map { $0 }), spending: .single)
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
      try Password(SecretBytes(Array("correct horse".utf8))).hash(cost: 5)
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

  @Test(arguments: [[], [0x61, 0], [UInt8](repeating: 0x79, count: 73)])
  func `an impossible password verifies nothing`(_ password: [UInt8]) throws {
    let hash = try Password(SecretBytes([UInt8](repeating: 0x79, count: 72))).hash(cost: 4)
    #expect(try !hash.verifies(password))
  }
}
