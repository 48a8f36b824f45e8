import Foundation
import Testing

@testable import Base

@Suite("Base64") struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("???", "Pz8/"), ("~~~", "fn5+"),
  ])
  func `bytes are encoded with padding`(_ text: String, encoded: String) {
    #expect(Base64.standard.encode(Array(text.utf8)) == encoded)
  }

  @Test(arguments: 0..<4)
  func `every byte is encoded as Foundation does`(_ start: Int) {
    let bytes = (start...255).map { UInt8($0) }
    #expect(Base64.standard.encode(bytes) == Data(bytes).base64EncodedString())
  }

  /// RFC 4648, section 10, without padding, and the characters of the URL-safe alphabet.
  @Test(arguments: [
    ("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg"), ("fooba", "Zm9vYmE"),
    ("foobar", "Zm9vYmFy"), ("~~~", "fn5-"), ("???", "Pz8_"),
  ])
  func `bytes have one URL-safe encoding, which reads back`(_ text: String, encoded: String) {
    #expect(Base64.urlSafe.encode(Array(text.utf8)) == encoded)
    #expect(Base64.urlSafe.decode(Array(encoded.utf8)[...]) == Array(text.utf8))
  }

  @Test(arguments: [Base64.standard, .urlSafe])
  func `every byte is decoded`(_ base64: Base64) {
    let bytes = (0...255).map { UInt8($0) }
    for start in 0..<3 {
      let encoded = Array(base64.encode(Array(bytes[start...])).utf8)
      #expect(base64.decode(encoded[...]) == Array(bytes[start...]))
    }
  }

  /// The results of `itsdangerous.base64_decode` for damaged text.
  @Test(arguments: [
    ("Zg==", "f"), ("Zg=", "f"), ("Zh", "f"), ("Zm9v====", "foo"), ("Zg==Zg==", "f"),
    ("Zg==x", "f"), ("Zm8===x", "fo"), ("Zm 9v", "foo"), ("Zm9v!!!!", "foo"), ("=", ""),
    ("====", ""),
    ("!!!", ""), ("é", ""), ("Pz8/", "???"), ("=Zg", nil), ("Z=g", nil), ("Zm9\n", nil), ("A", nil),
    ("ZmZmZ", nil), ("Zm9vZ", nil), ("Zg=x", nil), ("=x", nil),
    ("Zg=xxZg=", nil),
  ])
  func `damage is read as Python reads it`(_ text: String, decoded: String?) {
    #expect(Base64.urlSafe.decode(Array(text.utf8)[...]) == decoded.map { Array($0.utf8) })
  }
}
