import Testing

@testable import RegctlCore

@Suite("JSONText") struct JSONTextTests {
  /// What `json.dumps(text, ensure_ascii=False)` writes.
  @Test(arguments: [
    ("", "\"\""), ("ann@example.org", "\"ann@example.org\""), ("\"\\/", "\"\\\"\\\\/\""),
    ("\u{8}\t\n\u{c}\r", "\"\\b\\t\\n\\f\\r\""), ("\r\n", "\"\\r\\n\""),
    ("\u{0}\u{1}\u{b}\u{e}\u{1f}", "\"\\u0000\\u0001\\u000b\\u000e\\u001f\""),
    ("\u{7f}", "\"\u{7f}\""), ("é\u{2028}😀", "\"é\u{2028}😀\""), ("e\u{301}", "\"e\u{301}\""),
  ])
  func `a string is written as Python writes it, and read back`(_ text: String, json: String) {
    var output: [UInt8] = []
    JSONText.encode(text, to: &output)
    #expect(output == Array(json.utf8))
    #expect(JSONText.decode(output).map { Array($0.utf8) } == Array(text.utf8))
  }

  @Test(arguments: [
    (" \t\r\n\"a\" \n", "a"), ("\"\\u0041\\/\"", "A/"), ("\"\\u00E9\\u00e9\"", "éé"),
    ("\"\\ud83d\\uDE00\"", "😀"), ("\"\\\\u0041\"", "\\u0041"), ("\"\\\"\"", "\""),
  ])
  func `other spellings of a string are read`(_ json: String, text: String) {
    #expect(JSONText.decode(Array(json.utf8)) == text)
  }

  @Test(arguments: [
    "", " ", "\"", "a", "1", "null", "[]", "{}", "\"a", "a\"", "\"a\"b", "\"a\" \"b\"", "\"\\\"",
    "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u+123\"", "\"\\ud83d\"", "\"\\ud83d\\n\"",
    "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"a\nb\"", "\"\t\"", "'a'", "\u{feff}\"a\"",
    "\u{a0}\"a\"",
  ])
  func `what is no string is refused`(_ json: String) {
    #expect(JSONText.decode(Array(json.utf8)) == nil)
  }

  @Test(arguments: [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]])
  func `what is not UTF-8 is refused`(_ bytes: [UInt8]) {
    #expect(JSONText.decode([0x22] + bytes + [0x22]) == nil)
  }
}
