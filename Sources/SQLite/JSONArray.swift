/// Arrays as `json_each` takes them: RFC 8259.
enum JSONArray {
  /// An array of numbers.
  static func text(of numbers: [Int64]) -> String {
    text(of: numbers, byteCount: 8) { $1 += String($0).utf8 }
  }

  /// An array of strings.
  static func text(of texts: [String]) -> String {
    text(of: texts, byteCount: 32, append)
  }

  private static func text<Element>(
    of elements: [Element], byteCount: Int, _ append: (Element, inout [UInt8]) -> Void
  ) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(elements.count * byteCount + 2)
    output.append(UInt8(ascii: "["))
    for element in elements {
      if output.count > 1 { output.append(UInt8(ascii: ",")) }
      append(element, &output)
    }
    output.append(UInt8(ascii: "]"))
    return String(decoding: output, as: UTF8.self)
  }

  private static func append(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""), UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), byte]
      case 0..<0x10: output += "\\u000\(String(byte, radix: 16))".utf8
      case 0x10..<0x20: output += "\\u00\(String(byte, radix: 16))".utf8
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
