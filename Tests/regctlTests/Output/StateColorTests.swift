import Testing

@testable import regctl

@Suite("StateColor") struct StateColorTests {
  @Test(arguments: [
    ("failed", StateColor.red), ("expired", .red), ("queued", .yellow), ("mail_deferred", .yellow),
    ("sent", .green), ("ok", .green), ("cancelled", nil), ("", nil), ("register", nil),
  ])
  func `what failed is red, what waits yellow, what is done green`(
    _ word: String, color: StateColor?
  ) {
    #expect(StateColor(word) == color)
  }

  @Test func `the word is kept`() {
    #expect(StateColor.red.paint("failed") == "\u{1B}[31mfailed\u{1B}[0m")
  }
}
