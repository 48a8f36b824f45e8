import Testing

@testable import regctl

@Suite("TextWrap") struct TextWrapTests {
  @Test(arguments: [
    ("a line that fits", 16, 2, ["a line that fits"]),
    ("a line that does not", 12, 2, ["a line that", "  does not"]),
    ("name    value of it", 14, 8, ["name    value", "       of it"]),
    ("abcdefghij", 4, 1, ["abcd", " efg", " hij"]),
    ("ab cdefghij", 4, 1, ["ab", " cde", " fgh", " ij"]),
    ("  世界 世界", 6, 2, ["  世界", "  世界"]), ("", 4, 1, [""]),
  ])
  func `lines are broken at blanks, and continued lines indented`(
    _ text: String, width: Int, indent: Int, expected: [String]
  ) {
    let lines = TextWrap.lines(text, width: width, indent: indent)
    #expect(lines == expected)
    #expect(lines.allSatisfy { DisplayWidth.of($0) <= width })
  }

  @Test(arguments: [
    ("regctl deliver", 20, ["regctl deliver"]),
    ("regctl resend ann@example.org", 20, ["regctl resend \\", "ann@example.org"]),
    (
      "regctl resend annannann@example.org", 12,
      ["regctl \\", "resend \\", "annannann@\\", "example.or\\", "g"]
    ),
  ])
  func `a command that is broken can be pasted`(_ text: String, width: Int, expected: [String]) {
    let lines = TextWrap.command(text, width: width)
    #expect(lines == expected)
    #expect(lines.allSatisfy { DisplayWidth.of($0) <= width })
    #expect(lines.joined(separator: "\n").replacing("\\\n", with: "") == text)
  }
}
