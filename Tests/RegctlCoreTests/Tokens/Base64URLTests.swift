import Testing

@testable import RegctlCore

@Suite("Base64URL") struct Base64URLTests {
  private func encoding(of bytes: [UInt8]) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: Base64URL.encodedCount(of: bytes.count)) {
      text, count in
      count = unsafe bytes.withUnsafeBytes { unsafe Base64URL.encode($0, to: text) }
    }
  }

  /// RFC 4648, section 10, without padding, and the characters that are particular to URLs.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"), ("~~~", "fn5-"), ("???", "Pz8_"),
  ])
  func `bytes have one encoding, which reads back`(_ text: String, encoded: String) {
    let output = encoding(of: Array(text.utf8))
    #expect(output == Array(encoded.utf8))
    #expect(Base64URL.decode(output[...]) == Array(text.utf8))
  }

  @Test func `every byte comes back`() {
    let bytes = (0...255).map { UInt8($0) }
    for start in 0..<3 {
      let output = encoding(of: Array(bytes[start...]))
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
