import Testing

@testable import RegctlCore

@Suite("FlatJSON") struct FlatJSONTests {
  private func members(_ text: String) throws -> [(key: String, value: FlatJSON.Scalar)] {
    var found: [(key: String, value: FlatJSON.Scalar)] = []
    try FlatJSON.forEachMember(of: Array(text.utf8).span) { key, value in
      found.append((key, value))
    }
    return found
  }

  private func fault(_ bytes: [UInt8]) throws -> ImportError.Fault {
    try #require(throws: ImportError.Fault.self) {
      try FlatJSON.forEachMember(of: bytes.span) { _, _ in }
    }
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

  @Test(arguments: ["", " ", "null", "[]", "\"a\"", "1", "a", "'a'"])
  func `what does not begin as an object is none`(_ json: String) throws {
    #expect(try fault(Array(json.utf8)) == .json(.noObject))
  }

  @Test(arguments: [
    ("{", 2), ("{\"a\"}", 5), ("{\"a\":}", 6), ("{\"a\":1,}", 8), ("{,}", 2), ("{\"a\":1}x", 8),
    ("{\"a\":1 \"b\":2}", 8), ("{a:1}", 2), ("{\"a\":01}", 7), ("{\"a\":+1}", 6), ("{\"a\":1.}", 8),
    ("{\"a\":.5}", 6), ("{\"a\":-}", 7), ("{\"a\":1e}", 8), ("{\"a\":nul}", 9), ("{\"a\":True}", 6),
    ("{\"a\":\"x}", 9), ("{\"a\":\"x\\", 9), ("{\"a\":\"\n\"}", 7), ("{\"a\":\"\\x\"}", 7),
    ("{\"a\":\"\\ud800\"}", 7), ("{\"a\":\"x\\\"}", 11), ("{\"a\":NaN}", 6),
  ])
  func `what is no JSON is refused at its byte`(_ json: String, byte: Int) throws {
    #expect(try fault(Array(json.utf8)) == .json(.syntax(byte: byte)))
  }

  @Test(arguments: ["{\"a\":[]}", "{\"a\":{}}", "{\"a\":[[[[", "{\"a\":{\"b\":1}}"])
  func `nothing is read inside a value`(_ json: String) throws {
    #expect(try fault(Array(json.utf8)) == .json(.nested("a")))
  }

  @Test(arguments: [[0xff], [0xc3], [0xed, 0xa0, 0x80], [0xc0, 0xaf]])
  func `what is not UTF-8 is refused`(_ bytes: [UInt8]) throws {
    #expect(try fault(Array("{\"a\":\"".utf8) + bytes + Array("\"}".utf8)) == .notUTF8)
    #expect(try fault(Array("{\"".utf8) + bytes + Array("\":1}".utf8)) == .notUTF8)
  }

  @Test func `what the body refuses ends the reading`() throws {
    var count = 0
    #expect(throws: ImportError.Fault.missingEmail) {
      try FlatJSON.forEachMember(of: Array(#"{"a":1,"b":2,"c""#.utf8).span) {
        (_, _) throws(ImportError.Fault) in
        count += 1
        if count == 2 { throw .missingEmail }
      }
    }
    #expect(count == 2)
  }
}
