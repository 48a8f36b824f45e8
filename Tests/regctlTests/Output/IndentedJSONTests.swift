import Testing

@testable import regctl

@Suite("IndentedJSON") struct IndentedJSONTests {
  @Test func `each member and each element has a line`() {
    var output: [UInt8] = []
    IndentedJSON.append(
      [
        ReportField("a", .integer(1)), ReportField("b", .list([])),
        ReportField("c", .list([.object([ReportField("d", .text("\u{202e}"))]), .null])),
        ReportField("e", .object([])),
      ], to: &output)
    #expect(
      String(decoding: output, as: UTF8.self) == """
        {
          "a": 1,
          "b": [],
          "c": [
            {
              "d": "\\u202e"
            },
            null
          ],
          "e": {}
        }

        """)
  }
}
