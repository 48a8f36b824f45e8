import Testing

@testable import RegctlCore

@Suite("TokenReading") struct TokenReadingTests {
  @Test(arguments: [
    ("", "", ""), ("aZ09-_.", "aZ09-_.", "aZ09-_."), ("a= b\r\n> c", "abc", "abc"),
    ("a=2Eb=3D=2e", "a2Eb3D2e", "a.b."), ("=", "", ""), ("=4", "4", "4"), ("=4G", "4G", "4G"),
    ("==2E", "2E", "."), ("a=C3=BCz", "aC3BCz", "az"), ("ü€=20/+a", "20a", "a"),
  ])
  func `characters outside tokens are skipped`(_ text: String, plain: String, decoded: String) {
    for (decodes, expected) in [(false, plain), (true, decoded)] {
      let reading = TokenReading(Array(text.utf8), decodesQuotedPrintable: decodes)
      #expect(String(decoding: reading.characters, as: UTF8.self) == expected)
      #expect(reading.places.count == reading.characters.count)
    }
  }

  @Test func `each character has its position`() {
    let bytes = Array("ü a=2E= b".utf8)
    #expect(TokenReading(bytes, decodesQuotedPrintable: true).places == [3..<4, 4..<7, 9..<10])
    #expect(
      TokenReading(bytes, decodesQuotedPrintable: false).places == [3..<4, 5..<6, 6..<7, 9..<10])
  }
}
