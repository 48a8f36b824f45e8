import Testing

@testable import Base

@Suite("ASCII") struct ASCIITests {
  private func all(_ isMember: (UInt8) -> Bool) -> String {
    String(decoding: (UInt8(0)...255).filter(isMember), as: UTF8.self)
  }

  @Test func `classes have their characters and no others`() {
    #expect(all(\.isDigit) == "0123456789")
    #expect(all(\.isCapital) == "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
    #expect(all(\.isSmallLetter) == "abcdefghijklmnopqrstuvwxyz")
    #expect(all(\.isLetter) == all(\.isCapital) + all(\.isSmallLetter))
    #expect(all(\.isLetterOrDigit) == all(\.isDigit) + all(\.isLetter))
    #expect(all(\.isPrintable) == " " + all(\.isVisible))
    #expect(all(\.isVisible).utf8.count == 94)
    #expect((UInt8(0)...255).filter(\.isControl) == Array(0...31) + [127])
  }

  @Test func `only upper case letters have a different lower case`() {
    #expect(Array("AZ@[az09é".utf8).map(\.lowercased) == Array("az@[az09é".utf8))
  }
}
