import Testing

@testable import RegctlCore

@Suite("AddressMention") struct AddressMentionTests {
  @Test(arguments: [
    "ann@x.org", "call ann@x.org", "ANN@X.org called", "(ann@x.org)", "<ann@x.org>, 3",
    "ann@x.org.",
    "ann@x.org: left", "joann@x.org and ann@x.org", "mail:ann@x.org",
  ])
  func `an address is found as a word`(_ text: String) {
    #expect(AddressMention.contains("ann@x.org", in: text))
  }

  @Test(arguments: [
    "", "ann@x.or", "joann@x.org", "j.ann@x.org", "ann@x.organic", "ann@x.org.uk", "ann@x.org-a",
    "ann+1@x.org", "jöann@x.org", "annx.org",
  ])
  func `a part of another address is not it`(_ text: String) {
    #expect(!AddressMention.contains("ann@x.org", in: text))
  }

  @Test func `an empty address is in no text`() {
    #expect(!AddressMention.contains("", in: "a"))
  }
}
