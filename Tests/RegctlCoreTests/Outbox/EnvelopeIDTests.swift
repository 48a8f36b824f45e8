import Testing

@testable import RegctlCore

@Suite("EnvelopeID") struct EnvelopeIDTests {
  @Test(arguments: ["1795424400.0123456789abcdef01234567", "1795424400.ab@app.example"])
  func `an identifier is read as it was written`(_ messageID: String) {
    let identifier = EnvelopeID(of: MailID(rawValue: 7), messageID: messageID)
    #expect(EnvelopeID(identifier.text) == identifier)
    #expect(identifier.text.utf8.elementsEqual("7.\(messageID.prefix { $0 != "@" })".utf8))
  }

  @Test(arguments: [
    "", "7", "7.", ".1.ab", "x.1.ab", "0.1.ab", "-7.1.ab", "+7.1.ab", "7.1 ab", "7.1.ab@x.org",
    "7.é",
    "99999999999999999999.1.ab", "7.\(String(repeating: "a", count: 1000))", "7.a\r\n",
  ])
  func `other text is none`(_ text: String) {
    #expect(EnvelopeID(text) == nil)
  }
}
