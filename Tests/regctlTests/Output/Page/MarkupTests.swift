import Testing

@testable import regctl

@Suite("Markup") struct MarkupTests {
  private func rendered(_ markup: Markup) -> String {
    var output: [UInt8] = []
    markup.append(to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  @Test(arguments: [
    ("plain", "plain"), ("a<b>&\"c'", "a&lt;b&gt;&amp;&quot;c&#39;"),
    ("</script><script>", "&lt;/script&gt;&lt;script&gt;"), ("\u{202e}x", "\\u{202e}x"),
    ("a\u{0}b\r\n", "a\\u{0}b\\u{d}\\u{a}"), ("münchen", "münchen"),
  ])
  func `text is escaped in an element and in an attribute`(_ text: String, escaped: String) {
    #expect(
      rendered(Markup("td", ["title": text], text)) == "<td title=\"\(escaped)\">\(escaped)</td>")
  }

  @Test func `an attribute without a value is left out`() {
    #expect(rendered(Markup("td", ["id": nil, "class": "x"], "1")) == "<td class=\"x\">1</td>")
  }

  @Test func `an element without content has no end tag`() {
    #expect(rendered(Markup("br", [:], [])) == "<br>")
    #expect(rendered(Markup("path", ["d": ""])) == "\n<path d=\"\"></path>")
  }

  @Test func `a style sheet is not escaped`() {
    #expect(rendered(Markup(styleSheet: "a > b {}")) == "\n<style>a > b {}</style>")
  }
}
