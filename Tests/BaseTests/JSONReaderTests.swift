import Testing

@testable import Base

@Suite("JSONReader") struct JSONReaderTests {
  /// All tokens of a document.
  private func pieces(_ bytes: [UInt8]) throws -> [JSONReader.Piece] {
    var reader = JSONReader(bytes)
    var pieces: [JSONReader.Piece] = []
    while let piece = try reader.next() { pieces.append(piece) }
    return pieces
  }

  private func members(_ text: String) throws -> [(key: String, value: JSONScalar)] {
    let inner = try pieces(Array(text.utf8)).dropFirst().dropLast()
    return try stride(from: inner.startIndex, to: inner.endIndex, by: 2).map { index in
      guard case .name(let key) = inner[index], case .value(let value) = inner[index + 1] else {
        throw JSONError.notUTF8
      }
      return (key, value)
    }
  }

  private func fault(_ bytes: [UInt8]) throws -> JSONError {
    try #require(throws: JSONError.self) { try pieces(bytes) }
  }

  /// The string that a whole document consists of.
  private func decode(_ bytes: [UInt8]) -> String? {
    guard let pieces = try? pieces(bytes), pieces.count == 1,
      case .value(.text(let text)) = pieces[0]
    else { return nil }
    return text
  }

  @Test func `every kind of scalar is read, in the order of the text`() throws {
    let found = try members(
      #" {"a":"x", "b" : null,"c":true,"d":false ,"e":-12.5e+3,"f":0,"":""} "#)
    #expect(found.map(\.key) == ["a", "b", "c", "d", "e", "f", ""])
    #expect(
      found.map(\.value) == [
        .text("x"), .null, .boolean(true), .boolean(false), .number("-12.5e+3"), .number("0"),
        .text(""),
      ])
    #expect(try members("{}").isEmpty)
    #expect(try members("\t{\r\n}").isEmpty)
  }

  @Test(arguments: [
    (#"{"a":"\"\\\/\b\f\n\r\t"}"#, "\"\\/\u{8}\u{c}\n\r\t"), (#"{"a":"\u00e9\ud83d\ude00"}"#, "é😀"),
    (#"{"a":"é😀"}"#, "é😀"), (#"{"\u0061":"x\\"}"#, "x\\"),
  ])
  func `escapes are undone in keys and values`(_ json: String, text: String) throws {
    let found = try #require(members(json).first)
    #expect(found.key == "a")
    #expect(found.value == .text(text))
  }

  @Test(arguments: [
    ("{", 2), ("{\"a\"}", 5), ("{\"a\":}", 6), ("{\"a\":1,}", 8), ("{,}", 2), ("{\"a\":1}x", 8),
    ("{\"a\":1 \"b\":2}", 8), ("{a:1}", 2), ("{\"a\":01}", 7), ("{\"a\":+1}", 6), ("{\"a\":1.}", 8),
    ("{\"a\":.5}", 6), ("{\"a\":-}", 7), ("{\"a\":1e}", 8), ("{\"a\":nul}", 9), ("{\"a\":True}", 6),
    ("{\"a\":\"x}", 9), ("{\"a\":\"x\\", 9), ("{\"a\":\"\n\"}", 7), ("{\"a\":\"\\x\"}", 7),
    ("{\"a\":\"\\ud800\"}", 7), ("{\"a\":\"x\\\"}", 11), ("{\"a\":NaN}", 6),
  ])
  func `invalid JSON is rejected with its position`(_ json: String, byte: Int) throws {
    #expect(try fault(Array(json.utf8)) == .syntax(byte: byte))
  }

  @Test func `objects and arrays are nested`() throws {
    #expect(
      try pieces(Array(#"[{"a":[1,[]]},{}]"#.utf8)) == [
        .beginArray, .beginObject, .name("a"), .beginArray, .value(.number("1")), .beginArray,
        .endArray, .endArray, .endObject, .beginObject, .endObject, .endArray,
      ])
  }

  @Test(arguments: ["[1}", "{\"a\":1]", "[1,]", "[,1]", "[1 2]", "[", "]", "[\"a\":1]"])
  func `mismatched brackets are rejected`(_ json: String) throws {
    #expect(throws: JSONError.self) { try pieces(Array(json.utf8)) }
  }

  @Test func `depth has a limit`() throws {
    let brackets = { (count: Int) in
      Array((String(repeating: "[", count: count) + String(repeating: "]", count: count)).utf8)
    }
    #expect(try pieces(brackets(64)).count == 128)
    #expect(try fault(brackets(65)) == .syntax(byte: 65))
    #expect(try fault(brackets(100_000)) == .syntax(byte: 65))
  }

  @Test(arguments: [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
  func `invalid UTF-8 is rejected`(_ bytes: [UInt8]) throws {
    #expect(try fault(Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)) == .notUTF8)
    #expect(try fault(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .notUTF8)
  }

  @Test(arguments: [
    (" \t\r\n\"a\" \n", "a"), ("\"\\u0041\\/\"", "A/"), ("\"\\u00E9\\u00e9\"", "éé"),
    ("\"\\ud83d\\uDE00\"", "😀"), ("\"\\\\u0041\"", "\\u0041"), ("\"\\\"\"", "\""),
  ])
  func `other spellings of a string are read`(_ json: String, text: String) {
    #expect(decode(Array(json.utf8)) == text)
  }

  @Test(arguments: [
    "", " ", "\"", "a", "1", "null", "[]", "{}", "\"a", "a\"", "\"a\"b", "\"a\" \"b\"", "\"\\\"",
    "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\u+123\"", "\"\\ud83d\"", "\"\\ud83d\\n\"",
    "\"\\ude00\"", "\"\\ud83d\\u0041\"", "\"a\nb\"", "\"\t\"", "'a'", "\u{feff}\"a\"",
    "\u{a0}\"a\"",
  ])
  func `an invalid string is rejected`(_ json: String) {
    #expect(decode(Array(json.utf8)) == nil)
  }

  @Test(arguments: [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]])
  func `a string that is not UTF-8 is refused`(_ bytes: [UInt8]) {
    #expect(decode([0x22] + bytes + [0x22]) == nil)
  }
}
