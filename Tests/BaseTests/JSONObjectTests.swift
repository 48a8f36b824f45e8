import Testing

@testable import Base

@Suite("JSONObject") struct JSONObjectTests {
  private func parse(_ text: String) -> JSONObject? { JSONObject(Array(text.utf8)) }

  @Test func `an object of simple values is read`() throws {
    let fields = try #require(
      parse(#" { "id" : -7, "email":"a\"b\u00e9","admin":true, "last":null,"no":false } "#))
    #expect(fields.integer("id") == -7)
    #expect(fields.text("email") == "a\"bé")
    #expect(fields.boolean("admin") == true)
    #expect(fields.boolean("no") == false)
    #expect(fields["last"] == .null)
    #expect(fields["other"] == nil)
    #expect(fields.has(only: ["id", "email", "admin", "last", "no"]))
    #expect(!fields.has(only: ["id", "email", "admin", "last"]))
    #expect(!fields.has(only: ["id", "email", "admin", "last", "yes"]))
  }

  @Test func `an object may be empty`() throws {
    #expect(try #require(parse("{}")).has(only: []))
  }

  @Test(arguments: [
    "", "{", "}", "{}{}", "{} x", "[]", "7", #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{"a":1"b":2}"#,
    #"{a:1}"#, #"{"a":+1}"#, #"{"a":yes}"#, #"{"a":[1]}"#,
    #"{"a":{}}"#, #"{"a":1,"a":1}"#, #"{"a":"b}"#, #"{"a":"b\"}"#, #"{"a":"\x"}"#, "{\"a\":\"\n\"}",
    #"{"a":tru"#,
  ])
  func `anything else is not`(_ text: String) {
    #expect(parse(text).map { _ in true } == nil)
  }

  @Test(arguments: ["1.5", "1e3", "9223372036854775808", "\"1\"", "true"])
  func `a number that is not a 64-bit integer is not an integer`(_ value: String) throws {
    #expect(try #require(parse("{\"a\":\(value)}")).integer("a") == nil)
  }

  @Test func `names are compared by their bytes`() {
    // The sign for kelvin is canonically equivalent to K.
    #expect(parse("{\"\u{212a}\":1}")?["K"] == nil)
  }

  @Test func `invalid Unicode is rejected`() {
    let bytes = Array("{\"a\":\"".utf8) + [0xff] + Array("\"}".utf8)
    #expect(JSONObject(bytes).map { _ in true } == nil)
  }
}
