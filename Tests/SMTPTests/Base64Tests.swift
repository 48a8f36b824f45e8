import Foundation
import Testing

@testable import SMTP

@Suite("Base64") struct Base64Tests {
  /// RFC 4648, section 10.
  @Test(arguments: [
    ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
    ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"), ("???", "Pz8/"), ("~~~", "fn5+"),
  ])
  func `bytes are encoded with padding`(_ text: String, encoded: String) {
    #expect(Base64.encode(text.utf8) == encoded)
  }

  @Test(arguments: 0..<4)
  func `every byte is encoded as Foundation does`(_ start: Int) {
    let bytes = (start...255).map { UInt8($0) }
    #expect(Base64.encode(bytes) == Data(bytes).base64EncodedString())
  }
}
