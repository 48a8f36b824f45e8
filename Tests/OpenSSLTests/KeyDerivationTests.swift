import Testing

@testable import OpenSSL

@Suite("KeyDerivation") struct KeyDerivationTests {
  /// RFC 7914, section 12.
  @Test(arguments: [
    (
      "", "", KeyDerivation.scrypt(blocks: 16, size: 1, passes: 1),
      """
      77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442\
      fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906
      """
    ),
    (
      "password", "NaCl", .scrypt(blocks: 1024, size: 8, passes: 16),
      """
      fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
      2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
      """
    ),
  ])
  func `scrypt derives the standard's keys`(
    _ password: String, salt: String, function: KeyDerivation, key: String
  ) throws {
    #expect(try function.key(of: Array(password.utf8), salt: Array(salt.utf8)) == bytes(key))
  }

  /// RFC 6070, the beginning of RFC 7914, section 11, and `hashlib` of Python 3.11.
  @Test(arguments: [
    ("password", Digest.Algorithm.sha1, 1, "0c60c80f961f0e71f3a9b524af6012062fe037a6"),
    ("password", .sha1, 4096, "4b007901b765489abead49d926f721d065a429c1"),
    ("passwd", .sha256, 1, "55ac046e56e3089fec1691c22544b605f94185216dde0465e68b9d57c20dacbc"),
    (
      "passwd", .sha512, 1000,
      """
      9b24b69e88dfa45d31e06a6dd20bc963268c0a94924677f76d4b2f02e5a105a7\
      f65fca857a354cb2e5069580b8b8457cb5b40da49084e4d75c39b31ac1f356d5
      """
    ),
  ])
  func `PBKDF2 derives the standard's keys`(
    _ password: String, algorithm: Digest.Algorithm, iterations: Int, key: String
  ) throws {
    let function = KeyDerivation.pbkdf2(algorithm, iterations: iterations)
    #expect(try function.key(of: Array(password.utf8), salt: Array("salt".utf8)) == bytes(key))
    #expect(function.keyByteCount == bytes(key).count)
  }

  @Test func `Werkzeug's default cost of scrypt is within the limit of memory`() throws {
    let function = KeyDerivation.scrypt(blocks: 32_768, size: 8, passes: 1)
    #expect(try function.key(of: [0x61], salt: [0x62]).count == 64)
  }

  @Test func `a cost that libcrypto rejects is an error`() {
    let function = KeyDerivation.scrypt(blocks: 3, size: 8, passes: 1)
    #expect(throws: OpenSSLError.self) { try function.key(of: [0x61], salt: [0x62]) }
  }
}
