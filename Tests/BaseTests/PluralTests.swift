import Testing

@testable import Base

@Suite("Plural") struct PluralTests {
  @Test(arguments: [(0, "0 accounts"), (1, "1 account"), (2, "2 accounts"), (11, "11 accounts")])
  func `a word agrees with its number`(_ count: Int, text: String) {
    #expect(Plural.count(count, "account") == text)
  }

  @Test func `an irregular plural is given`() {
    #expect(Plural.count(1, "address", "addresses") == "1 address")
    #expect(Plural.count(2, "address", "addresses") == "2 addresses")
    #expect(Plural.form(1, "was", "were") == "was")
    #expect(Plural.form(0, "was", "were") == "were")
  }
}
