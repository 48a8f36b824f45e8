import Testing

@testable import regctl

@Suite("AddressFile") struct AddressFileTests {
  private func addresses(_ text: String) throws -> [String] {
    let input = TypedInput(Array(text.utf8))
    return try AddressFile(path: "-", input.source).addresses()
  }

  @Test func `blanks, line ends of any kind and a byte order mark are no part of an address`()
    throws
  {
    #expect(
      try addresses("\u{feff}a@x.org\r\n \t b@x.org\u{a0}\r\n\r\n  \n\u{a0}c@x.org") == [
        "a@x.org", "b@x.org", "c@x.org",
      ])
  }

  @Test func `an empty file names no account`() throws {
    #expect(try addresses("") == [])
    #expect(try addresses("\r\n \n") == [])
  }

  @Test(arguments: [
    ("a@x.org\nb", 2), ("42\n", 1), ("\na b@x.org", 2), ("a@x.org,b@x.org c", 1),
    ("a\u{1}@x.org", 1), (String(repeating: "a", count: 5000) + "@x.org", 1),
  ])
  func `a line that is not an address is refused with its number`(
    _ text: String, number: Int
  ) throws {
    let error = #expect(throws: CommandError.self) { try addresses(text) }
    guard case .line(_, number, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  @Test func `a missing file is named`() throws {
    let input = TypedInput([])
    #expect(throws: CommandError.self) {
      try AddressFile(path: "/nonexistent/people.txt", input.source)
    }
  }
}
