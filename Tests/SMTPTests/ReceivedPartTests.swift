import Testing

@testable import SMTP

@Suite("ReceivedPart") struct ReceivedPartTests {
  private func contents(_ body: String, boundary: String = "b") -> [String] {
    let text = "Content-Type: multipart/mixed; boundary=\(boundary)\n\n\(body)"
    return ReceivedPart(Array(text.utf8)[...]).parts
      .map { String(decoding: $0.content, as: UTF8.self) }
  }

  @Test(arguments: [
    ("--b\n\nx\n--b\n\ny\n--b--\nz", ["x\n", "y\n"]), ("p\n--b \n\nx\n--b--\t\n", ["x\n"]),
    ("--b\n\nx", ["x"]), ("--b\n\n--bb\n--b--", ["--bb\n"]),
    ("--b\n\nx\n-- b\n--b--", ["x\n-- b\n"]),
    ("", []), ("--b--\n\nx", []), ("--b\r\n\r\nx\r\n--b--\r\n", ["x\r\n"]),
  ])
  func `parts stand between delimiters`(_ body: String, expected: [String]) {
    #expect(contents(body) == expected)
  }

  @Test func `only a multipart has parts`() {
    #expect(
      ReceivedPart(Array("Content-Type: text/plain; boundary=b\n\n--b\n\nx".utf8)[...]).parts
        .isEmpty)
    #expect(contents("--\n\nx", boundary: "\"\"").isEmpty)
  }
}
