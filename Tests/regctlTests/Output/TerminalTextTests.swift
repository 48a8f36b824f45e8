import Testing

@testable import regctl

@Suite("TerminalText") struct TerminalTextTests {
  @Test(arguments: [
    "", "ann@example.org", "Jürgen", "日本語", "😀", "two words", "back\\slash", "\u{a0}",
  ])
  func `harmless text stays unchanged`(_ text: String) {
    #expect(TerminalText.escape(text).utf8.elementsEqual(text.utf8))
  }

  @Test(arguments: [
    ("\u{1b}[2J", "\\u{1b}[2J"), ("a\nb", "a\\u{a}b"), ("a\r\nb", "a\\u{d}\\u{a}b"),
    ("\u{0}", "\\u{0}"), ("\u{7f}", "\\u{7f}"), ("\u{9b}31m", "\\u{9b}31m"), ("\t", "\\u{9}"),
    ("\u{202e}gro", "\\u{202e}gro"), ("\u{2066}", "\\u{2066}"), ("a\u{200b}b", "a\\u{200b}b"),
    ("\u{200f}", "\\u{200f}"), ("\u{feff}", "\\u{feff}"), ("\u{2028}", "\\u{2028}"),
    ("\u{61c}", "\\u{61c}"), ("\u{e0041}", "\\u{e0041}"), ("e\u{200d}", "e\\u{200d}"),
  ])
  func `characters that move, hide or reverse text are escaped`(_ text: String, escaped: String) {
    #expect(TerminalText.escape(text) == escaped)
  }

  @Test func `a quoted value is escaped`() {
    #expect(TerminalText.quote("a\u{7}") == "'a\\u{7}'")
  }

  @Test func `line ends are kept`() {
    let text = "Subject: \u{1b}[2J\r\n\n\tx\n"
    #expect(TerminalText.escapeLines(text) == "Subject: \\u{1b}[2J\\u{d}\n\n\\u{9}x\n")
    #expect(TerminalText.escapeLines("a\nb\n") == "a\nb\n")
  }

  @Test func `only the length of a possible secret is shown`() {
    let key = "koXgE4XXYNbXKacmoouKvo0OlYAHpvpZYXJ862QNTF0="
    #expect(TerminalText.quote(key) == "'…' (44 bytes)")
    #expect(TerminalText.quote("ann@example.org") == "'ann@example.org'")
  }

  @Test func `a long value is truncated, with its length`() {
    let quoted = TerminalText.quote(String(repeating: "é", count: 100))
    #expect(quoted == "'\(String(repeating: "é", count: 80))…' (200 bytes)")
  }
}
