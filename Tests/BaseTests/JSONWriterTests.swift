import Testing

@testable import Base

@Suite("JSONWriter") struct JSONWriterTests {
  /// The output of `json.dumps(text, ensure_ascii=False)`.
  @Test(arguments: [
    ("", "\"\""), ("ann@example.org", "\"ann@example.org\""), ("\"\\/", "\"\\\"\\\\/\""),
    ("\u{8}\t\n\u{c}\r", "\"\\b\\t\\n\\f\\r\""), ("\r\n", "\"\\r\\n\""),
    ("\u{0}\u{1}\u{b}\u{e}\u{1f}", "\"\\u0000\\u0001\\u000b\\u000e\\u001f\""),
    ("\u{7f}", "\"\u{7f}\""), ("é\u{2028}😀", "\"é\u{2028}😀\""), ("e\u{301}", "\"e\u{301}\""),
  ])
  func `a string is written as Python writes it, and read back`(_ text: String, json: String) throws
  {
    var writer = JSONWriter(.minimal)
    writer.value(text)
    #expect(writer.bytes == Array(json.utf8))
    var reader = JSONReader(writer.bytes)
    #expect(try reader.next() == .value(.text(text)))
    writer = JSONWriter(.minimal)
    writer.value(utf8: Array(text.utf8)[...])
    #expect(writer.text.utf8.elementsEqual(json.utf8))
  }

  /// The output of `json.dumps(text)` for these characters.
  @Test(arguments: [
    ("ann@example.org", "\"ann@example.org\""), ("\u{8}\u{c}\n", "\"\\u0008\\u000c\\n\""),
    ("\u{7f}\u{9b}", "\"\\u007f\\u009b\""), ("\u{202e}\u{feff}", "\"\\u202e\\ufeff\""),
    ("\u{e0041}", "\"\\udb40\\udc41\""), ("é😀", "\"é😀\""), ("\"\\", "\"\\\"\\\\\""),
  ])
  func `dangerous characters are escaped for a terminal`(_ text: String, json: String) throws {
    var writer = JSONWriter(.terminal)
    writer.value(text)
    #expect(writer.text.utf8.elementsEqual(json.utf8))
    var reader = JSONReader(writer.bytes)
    #expect(try reader.next() == .value(.text(text)))
  }

  @Test func `members are separated by commas, and documents by newlines`() {
    var writer = JSONWriter(.minimal, behind: Array("x\n".utf8))
    for _ in 1...2 {
      writer.beginObject()
      writer.name("a")
      writer.beginArray()
      writer.value(1)
      writer.value(-2)
      writer.beginObject()
      writer.endObject()
      writer.endArray()
      writer.name("b")
      writer.value(true)
      writer.name("c")
      writer.null()
      writer.name("d")
      writer.value(nil as String?)
      writer.endObject()
      writer.endLine()
    }
    let line = #"{"a":[1,-2,{}],"b":true,"c":null,"d":null}"#
    #expect(writer.text == "x\n\(line)\n\(line)\n")
  }

  @Test func `whole arrays are written`() {
    #expect(JSONWriter.array(of: [] as [Int64]) == "[]")
    #expect(JSONWriter.array(of: [1, -2] as [Int64]) == "[1,-2]")
    #expect(JSONWriter.array(of: ["a", "\""]) == #"["a","\""]"#)
  }
}
