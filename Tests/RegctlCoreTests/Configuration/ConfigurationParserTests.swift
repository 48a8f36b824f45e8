import Testing

@testable import RegctlCore

@Suite("ConfigurationParser") struct ConfigurationParserTests {
  private func parse(_ text: String) throws -> [ConfigurationParser.Assignment] {
    try ConfigurationParser.parse(Array(text.utf8), path: "x.conf")
  }

  @Test(arguments: [
    ("db = a.db", "a.db", 1), ("db=a.db", "a.db", 1), ("\tdb\t=\ta.db\t\n", "a.db", 1),
    ("db = a.db\r\n", "a.db", 1), ("\n# comment\n\n  # another\ndb = a.db\n", "a.db", 5),
    ("\r\n\r\ndb = a.db", "a.db", 3), ("db = a = b", "a = b", 1), ("db = \"a b\"", "\"a b\"", 1),
    ("db = a # no comment", "a # no comment", 1), ("db =", "", 1), ("db = é\u{301}", "é\u{301}", 1),
  ])
  func `a line is a key and a value`(_ text: String, value: String, line: Int) throws {
    let assignments = try parse(text)
    #expect(assignments.count == 1)
    #expect(assignments.first?.key == "db")
    #expect(assignments.first?.line == line)
    #expect(assignments.first?.value.utf8.elementsEqual(value.utf8) ?? false)
  }

  @Test(arguments: ["", "\n", "# only\n# comments", " \t\r\n"])
  func `a file may be empty`(_ text: String) throws {
    #expect(try parse(text).isEmpty)
  }

  @Test(arguments: [
    ("db", ConfigurationError.Fault.malformedLine, 1), ("\n[section]", .malformedLine, 2),
    ("x = 1", .unknownKey("x", suggestion: nil), 1),
    ("mail_use_ssl = yes", .replacedKey("mail_use_ssl", by: "mail_security = tls"), 1),
    ("mail_use_tls = yes", .replacedKey("mail_use_tls", by: "mail_security = starttls"), 1),
    ("db = a\nlegacy_timezone = UTC", .replacedKey("legacy_timezone", by: "db_timezone"), 2),
    ("token_maxage = 1h", .unknownKey("token_maxage", suggestion: "token_max_age"), 1),
    ("DB = x", .unknownKey(nil, suggestion: nil), 1), ("= x", .unknownKey(nil, suggestion: nil), 1),
    ("Mail_Server = x", .unknownKey(nil, suggestion: "mail_server"), 1),
    ("db = a\n\ndb = a", .repeatedKey("db", firstLine: 1), 3),
    ("\u{feff}db = a", .unknownKey(nil, suggestion: nil), 1),
  ])
  func `an invalid line is reported with its number`(
    _ text: String, fault: ConfigurationError.Fault, line: Int
  ) {
    #expect(
      throws: ConfigurationError(origin: .file(path: "x.conf", line: line), fault: fault)
    ) { try parse(text) }
  }

  @Test(arguments: [
    ("colour = blue", "colour"), ("colour=blue", "colour"), ("colour =", "colour"),
    ("  colour\t=", "colour"), ("a_b=c", "a_b"),
    (String(repeating: "x", count: 40) + " = 1", String(repeating: "x", count: 40)),
  ])
  func `a line that looks like an assignment has a name`(_ line: String, name: String) {
    #expect(ConfigurationParser.name(of: Array(line.utf8)[...]) == name)
  }

  @Test(arguments: [
    "colour", "colour=", "colour==", "colour== ", "abcDEF=x", "key2 = x", "two words = x", "= x",
    "a.b = x", "é = x", String(repeating: "x", count: 41) + " = 1",
    "koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0=",
  ])
  func `any other line may be a secret and has none`(_ line: String) {
    #expect(ConfigurationParser.name(of: Array(line.utf8)[...]) == nil)
  }

  @Test func `a line that is not UTF-8 is refused`() {
    #expect(
      throws: ConfigurationError(origin: .file(path: "x.conf", line: 2), fault: .notUTF8)
    ) {
      try ConfigurationParser.parse(Array("\ndb = ".utf8) + [0xff], path: "x.conf")
    }
  }

  @Test func `more than a megabyte is not read`() {
    let content = [UInt8](repeating: 0x0a, count: ConfigurationParser.maximumByteCount + 1)
    #expect(
      throws: ConfigurationError(origin: .file(path: "x.conf", line: 1), fault: .tooLarge)
    ) { try ConfigurationParser.parse(content, path: "x.conf") }
  }
}
