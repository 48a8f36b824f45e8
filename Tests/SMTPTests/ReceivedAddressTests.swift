import Testing

@testable import SMTP

@Suite("ReceivedAddress") struct ReceivedAddressTests {
  @Test(arguments: [
    ("a@x.org", "a@x.org"), (" <a@x.org> ", "a@x.org"), ("\"<b>\" <a@x.org>", "a@x.org"),
    ("<>", ""),
    ("a> <", "a> <"), (">", ">"),
  ])
  func `an address stands between the last angle brackets`(_ field: String, expected: String) {
    #expect(ReceivedAddress.inside(field) == expected)
  }

  @Test(arguments: ["\\", "\\x", "\\x{", "\\x{}", "\\x{110000}", "\\x{D800}", "\\y{41}"])
  func `an invalid escape is not decoded`(_ text: String) {
    #expect(ReceivedAddress.decodingUTF8Form(of: text) == nil)
  }
}
