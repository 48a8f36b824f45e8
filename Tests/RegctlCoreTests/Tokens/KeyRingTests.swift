import Testing

@testable import RegctlCore

@Suite("KeyRing") struct KeyRingTests {
  private func ring(_ content: String) throws -> KeyRing {
    try #require(KeyRing(fileContent: Array(content.utf8)))
  }

  @Test(arguments: [
    ("one", ["one"]), ("one\n", ["one"]), ("one\ntwo\n", ["one", "two"]),
    ("one\r\ntwo\r\n", ["one", "two"]), ("\n\none\n\n", ["one"]), (" one \n", [" one "]),
    ("# no comment\n", ["# no comment"]), ("one\r\n\r\ntwo", ["one", "two"]),
  ])
  func `a file has one key per line`(_ content: String, keys: [String]) throws {
    #expect(try ring(content).keys == keys.map { Array($0.utf8) })
  }

  @Test(arguments: ["", "\n", "\r\n\n"])
  func `a file without a key is refused`(_ content: String) {
    #expect(KeyRing(fileContent: Array(content.utf8)) == nil)
  }

  @Test(
    arguments: [
      ("0123456789abcdef", nil, nil), ("0123456789abcde", 1, KeyRing.Weakness.short(bytes: 15)),
      ("0123456789abcdef\nshort", 2, .short(bytes: 5)), ("my_precious", 1, .sample),
      ("0123456789abcdef\nmy_precious_two", 2, .sample),
      ("a salt of sixteen", 1, .equalsSalt(setting: "reset_salt")),
    ] as [(String, Int?, KeyRing.Weakness?)])
  func `a weak key is found`(
    _ content: String, position: Int?, weakness: KeyRing.Weakness?
  ) throws {
    let found = try ring(content).weakness(
      salts: [("security_password_salt", "email-confirm"), ("reset_salt", "a salt of sixteen")])
    #expect(found?.position == position)
    #expect(found?.weakness == weakness)
  }
}
