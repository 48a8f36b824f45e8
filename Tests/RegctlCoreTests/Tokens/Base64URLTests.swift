import Testing

@testable import RegctlCore

@Suite("Base64URL") struct Base64URLTests {
  /// RFC 4648, section 10, without padding, and the characters that are particular to URLs.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"), ("~~~", "fn5-"), ("???", "Pz8_"),
  ])
  func `bytes have one encoding, which reads back`(_ text: String, encoded: String) {
    var output: [UInt8] = []
    Base64URL.encode(Array(text.utf8), to: &output)
    #expect(output == Array(encoded.utf8))
    #expect(Base64URL.decode(output[...]) == Array(text.utf8))
  }

  @Test func `every byte comes back`() {
    let bytes = (0...255).map { UInt8($0) }
    for start in 0..<3 {
      var output: [UInt8] = []
      Base64URL.encode(Array(bytes[start...]), to: &output)
      #expect(Base64URL.decode(output[...]) == Array(bytes[start...]))
    }
  }

  /// What `itsdangerous.base64_decode` returns, damage and all.
  @Test(arguments: [
    ("Zg==", "f"), ("Zg=", "f"), ("Zh", "f"), ("Zm9v====", "foo"), ("Zg==Zg==", "f"),
    ("Zg==x", "f"), ("Zm8===x", "fo"), ("Zm 9v", "foo"), ("Zm9v!!!!", "foo"), ("=", ""),
    ("====", ""),
    ("!!!", ""), ("é", ""), ("Pz8/", "???"), ("=Zg", nil), ("Z=g", nil), ("Zm9\n", nil), ("A", nil),
    ("ZmZmZ", nil), ("Zm9vZ", nil), ("Zg=x", nil), ("=x", nil),
    ("Zg=xxZg=", nil),
  ])
  func `damage is read as Python reads it`(_ text: String, decoded: String?) {
    #expect(Base64URL.decode(Array(text.utf8)[...]) == decoded.map { Array($0.utf8) })
  }
}
