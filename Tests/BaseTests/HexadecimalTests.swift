import Testing

@testable import Base

@Suite("Hexadecimal") struct HexadecimalTests {
  @Test func `each byte is two lower case digits`() {
    #expect(Hexadecimal.text(of: [0x00, 0x09, 0x0a, 0xab, 0xff]) == "00090aabff")
  }

  @Test(arguments: [
    ("", []), ("00ff", [0x00, 0xff]), ("aBCd", [0xab, 0xcd]), ("0", nil), ("0g", nil), ("00f", nil),
    ("é0", nil),
  ])
  func `two digits are a byte`(_ text: String, bytes: [UInt8]?) {
    #expect(Hexadecimal.bytes(of: text) == bytes)
  }

  @Test func `a digit has the same value in either case`() {
    for value in UInt8(0)..<16 {
      #expect(Hexadecimal.value(of: Hexadecimal.digit(value)) == value)
      #expect(Hexadecimal.value(of: Hexadecimal.capitalDigit(value)) == value)
    }
    let digits = (UInt8(0)...255).filter { Hexadecimal.value(of: $0) != nil }
    #expect(digits == Array("0123456789ABCDEFabcdef".utf8))
  }
}
