import Testing

@testable import RegctlCore

@Suite("NormalizedJSON") struct NormalizedJSONTests {
  @Test(
    arguments: [
      (#"{"b": [1, {"c": null}], "a": "\u00e4"}"#, #"{"a":"ä","b":[1,{"c":null}]}"#),
      (#"{"a": 1, "a": 2}"#, #"{"a":2}"#), (" [ ] ", "[]"), ("{}", "{}"), ("1.50", "1.50"),
      ("true", "true"), (#""x""#, #""x""#),
    ])
  func `texts of a document have one form`(_ text: String, normalized: String) {
    #expect(NormalizedJSON.text(text) == normalized)
  }

  @Test(arguments: ["", "{", "[1,]", "x", "1 2", #"{"a"}"#, "]"])
  func `what is not JSON has none`(_ text: String) {
    #expect(NormalizedJSON.text(text) == nil)
  }
}
