import Testing

@testable import RegctlCore

@Suite("CSVRecord") struct CSVRecordTests {
  private func fields(_ bytes: [UInt8]) throws(CSVRecord.Fault) -> [String?] {
    var fields: [String?] = ["of", "the", "record", "before"]
    try CSVRecord.read(bytes.span, into: &fields)
    return fields
  }

  /// The result of Python's `csv.reader(strict=True)`, but `nil` for an empty field without quotes.
  @Test(arguments: [
    ("", [nil]), (",", [nil, nil]), ("a", ["a"]), ("a,b", ["a", "b"]), ("a,,", ["a", nil, nil]),
    ("\"\"", [""]), ("\"a\",\"b\"", ["a", "b"]), ("\"a,b\",c", ["a,b", "c"]),
    ("\"a\"\"b\"", ["a\"b"]), ("\"\"\"\"", ["\""]), ("\"\"\"\"\"\"", ["\"\""]),
    ("\"a\nb\"", ["a\nb"]), ("\"a\r\nb\",c\r", ["a\r\nb", "c"]), ("a,b\r", ["a", "b"]),
    ("a,\r", ["a", nil]), ("a,\"\",", ["a", "", nil]), ("\"a\"\r", ["a"]),
    ("a\rb,c", ["a\rb", "c"]), (" a , b", [" a ", " b"]),
    ("é,😀", ["é", "😀"]), ("\"a\r\",b", ["a\r", "b"]),
  ])
  func `fields are read with and without quotes`(_ text: String, expected: [String?]) throws {
    #expect(try fields(Array(text.utf8)) == expected)
  }

  @Test(arguments: ["\"", "\"a", "a,\"b", "\"a\"\"", "\"a\n", "\"a\r", "\"\"\"", "a,\"b,c\nd"])
  func `a record that ends inside quotes continues`(_ text: String) {
    #expect(throws: CSVRecord.Fault.openQuote) { try fields(Array(text.utf8)) }
  }

  @Test(arguments: ["a\"", "a\"b\"", "a,b\"c", "\"a\"b", "\"a\" ,b", " \"a\"", "\"a\"\rb"])
  func `a quote out of place is refused`(_ text: String) {
    #expect(throws: CSVRecord.Fault.strayQuote) { try fields(Array(text.utf8)) }
  }

  @Test func `invalid UTF-8 is rejected`() {
    #expect(throws: CSVRecord.Fault.notUTF8) { try fields([0x61, 0x2c, 0xff]) }
    #expect(throws: CSVRecord.Fault.notUTF8) { try fields([0x22, 0xc3, 0x22]) }
  }
}
