import Testing

@testable import SMTP

@Suite("ContentType") struct ContentTypeTests {
  private func type(_ field: String) -> ContentType {
    ContentType(ReceivedHeader(Array("Content-Type: \(field)\n".utf8)[...]))
  }

  @Test(arguments: [
    ("a/b; boundary=x", "x"), ("A/B ; BOUNDARY = \"x; y\"", "x; y"),
    ("a/b; c=d; boundary=\"\\\"x\"", "\"x"),
    ("a/b; boundary=\"x", "x"), ("a/b;\n boundary=x", "x"), ("a/b;boundary=x;", "x"),
  ])
  func `parameters are read`(_ field: String, expected: String) {
    #expect(type(field).name == "a/b")
    #expect(type(field)[parameter: "boundary"] == expected)
  }

  @Test func `without a field it is plain text`() {
    #expect(ContentType(ReceivedHeader([])).name == "text/plain")
    #expect(type("a/b; boundary")[parameter: "boundary"] == nil)
  }
}
