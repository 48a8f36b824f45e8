import Testing

@testable import Base

@Suite("PlainBytes") struct PlainBytesTests {
  private func arePlain(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { PlainBytes.arePlain($0) }
  }

  @Test(arguments: 0...25)
  func `a control character, a backslash or a byte beyond ASCII is found at every place`(
    _ length: Int
  ) {
    #expect(arePlain([UInt8](repeating: UInt8(ascii: "~"), count: length)))
    for place in 0..<length {
      for byte in UInt8.min...UInt8.max {
        var bytes = [UInt8](repeating: UInt8(ascii: "a"), count: length)
        bytes[place] = byte
        let isPlain = byte >= 0x20 && byte < 0x80 && byte != UInt8(ascii: "\\")
        #expect(arePlain(bytes) == isPlain, "\(byte) at \(place)")
      }
    }
  }

  @Test func `bytes are compared as unsigned numbers, and a prefix comes first`() {
    let texts: [[UInt8]] = [
      [], [0], [0, 255], [1], Array("2026-11-23 09:00:00".utf8),
      Array("2026-11-23 09:00:00.000001".utf8), Array("2026-11-23 09:00:01".utf8),
      Array("2026-11-24".utf8), [255], [UInt8](repeating: 255, count: 20),
    ]
    for (index, text) in texts.enumerated() {
      for (other, bytes) in texts.enumerated() {
        let precedes = text.withUnsafeBytes { text in
          bytes.withUnsafeBytes { PlainBytes.precede(text, $0) }
        }
        #expect(precedes == (index == other ? nil : index < other))
      }
    }
  }

  private func rfc3339(_ text: String) -> String? {
    var output: [UInt8] = []
    let isDate = Array(text.utf8).withUnsafeBytes {
      PlainBytes.appendRFC3339(copying: $0, to: &output)
    }
    #expect(isDate || output.isEmpty)
    return isDate ? String(decoding: output, as: UTF8.self) : nil
  }

  @Test(arguments: [
    "2026-11-23 09:00:00", "2026-11-23 23:59:59.999999", "2024-02-29 00:00:00.000000",
    "0000-01-01 00:00:00", "9999-12-31 23:59:59",
  ])
  func `a date of a database is copied`(_ text: String) {
    #expect(rfc3339(text) == "\(text.prefix(10))T\(text.dropFirst(11).prefix(8))Z")
  }

  @Test(arguments: [
    "", "2026-11-23", "2026-11-23 09:00", "2026-11-23T09:00:00", "2026-11-23 09:00:00Z",
    "2026-11-23 09:00:00.0", "2026-11-23 09:00:00,000000", "2026-11-23 09:00:00.00000x",
    "2026-13-01 00:00:00", "2026-00-01 00:00:00", "2026-01-00 00:00:00", "2026-02-30 00:00:00",
    "2025-02-29 00:00:00", "2026-01-01 24:00:00", "2026-01-01 00:60:00", "2026-01-01 00:00:60",
    "2026/01/01 00:00:00", "2026-01-01 00.00:00", "2026-01-01 00:00.00", "x026-01-01 00:00:00",
    "2026-01-01 00:00:00+01:00 ", "２026-01-01 00:00:00",
  ])
  func `any other text is not`(_ text: String) { #expect(rfc3339(text) == nil) }

  @Test func `each byte of a date must be of its kind`() {
    let date = Array("2026-11-23 09:00:00.123456".utf8)
    for place in date.indices {
      for byte in UInt8.min...UInt8.max where byte != date[place] {
        var changed = date
        changed[place] = byte
        let text = String(decoding: changed, as: UTF8.self)
        let expected = Timestamp(utf8: changed[...]).map {
          $0.offset == nil && changed[10] == UInt8(ascii: " ")
        }
        let isCopied = changed.withUnsafeBytes { bytes in
          var output: [UInt8] = []
          return PlainBytes.appendRFC3339(copying: bytes, to: &output)
        }
        #expect(isCopied == (expected ?? false), "\(text)")
      }
    }
  }
}
