import Testing

@testable import RegctlCore

@Suite("KeyFile") struct KeyFileTests {
  @Test(arguments: [
    ("one\n", "one\nnew\n"), ("one", "one\nnew\n"), ("", "new\n"), ("one\r\n\n", "one\r\n\nnew\n"),
  ])
  func `a key is added in a line of its own`(_ content: String, expected: String) {
    var file = KeyFile(content: Array(content.utf8))
    file.append(Array("new".utf8))
    #expect(String(decoding: file.content, as: UTF8.self) == expected)
    #expect(file.keys.last == Array("new".utf8))
  }

  @Test(arguments: [
    ("one\ntwo\n", "two\n"), ("\n\r\none\r\ntwo", "two"), ("one\n\ntwo\n", "\ntwo\n"),
  ])
  func `the oldest key is dropped with its line`(_ content: String, expected: String) {
    var file = KeyFile(content: Array(content.utf8))
    file.dropFirst(1)
    #expect(String(decoding: file.content, as: UTF8.self) == expected)
    #expect(file.keys.count == 1)
  }
}
