import Testing

@testable import SMTP

@Suite("XText") struct XTextTests {
  @Test(arguments: [
    ("7.1795424400.ab", "7.1795424400.ab"), ("a+b=c d", "a+2Bb+3Dc+20d"), ("é", "+C3+A9"), ("", ""),
    ("a@x.org", "a@x.org"),
  ])
  func `bytes that a parameter may not contain are encoded`(_ text: String, expected: String) {
    #expect(XText.encode(text) == expected)
    #expect(XText.decode(expected) == text)
  }

  @Test(arguments: ["+", "+2", "+2g", "a+", "+FF"])
  func `invalid text is not decoded`(_ text: String) {
    #expect(XText.decode(text) == nil)
  }
}
