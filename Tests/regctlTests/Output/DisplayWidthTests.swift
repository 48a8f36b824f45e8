import Testing

@testable import regctl

@Suite("DisplayWidth") struct DisplayWidthTests {
  @Test(arguments: [
    ("", 0), ("ann@example.org", 15), ("bücher", 6), ("bu\u{308}cher", 6), ("世界", 4), ("ｱ", 1),
    ("Ａ", 2), ("한글", 4), ("😀", 2), ("❤\u{fe0f}", 2), ("\\u{1b}", 6), ("…", 1),
    ("\u{1B}[31mfailed\u{1B}[0m", 6),
  ])
  func `wide characters count twice, marks over others and colours not at all`(
    _ text: String, width: Int
  ) {
    #expect(DisplayWidth.of(text) == width)
  }

  @Test(arguments: [
    ("abc", 3, "abc"), ("abcd", 3, "ab…"), ("abcd", 1, "…"), ("abcd", 0, ""), ("世界", 4, "世界"),
    ("世界人", 4, "世…"), ("世界人", 5, "世界…"), ("e\u{301}e\u{301}e\u{301}", 2, "e\u{301}…"),
    ("a\\u{1b}b", 7, "a…"), ("a\\u{1b}bc", 8, "a\\u{1b}…"), ("a\\u{1b", 4, "a\\u…"),
  ])
  func `text is cut between characters, and an escape is never cut in half`(
    _ text: String, width: Int, expected: String
  ) {
    #expect(DisplayWidth.cut(text, to: width) == expected)
    #expect(DisplayWidth.of(DisplayWidth.cut(text, to: width)) <= width)
  }

  @Test(arguments: [
    ("abcde", 2, ["ab", "cd", "e"]), ("世界", 3, ["世", "界"]), ("世", 1, ["世"]), ("", 3, []),
    ("a\\u{1b}b", 6, ["a", "\\u{1b}", "b"]), ("ae\u{301}b", 2, ["ae\u{301}", "b"]),
  ])
  func `pieces are together the text`(_ text: String, width: Int, expected: [String]) {
    #expect(DisplayWidth.pieces(of: text, first: width, width: width) == expected)
  }
}
