internal import Base

/// A JSON string (RFC 8259, section 7) as Python's `json` writes and reads it.
enum JSONText {
  /// Writes a string as `json.dumps(text, ensure_ascii=False)`.
  static func encode(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    var text = text
    let wasPlain = text.withUTF8 { bytes in
      var index = 0
      while index < bytes.count, unsafe isPlain(bytes[index]) { index += 1 }
      guard index == bytes.count else { return false }
      unsafe output.append(contentsOf: bytes)
      return true
    }
    if !wasPlain { escape(text, to: &output) }
    output.append(UInt8(ascii: "\""))
  }

  /// Writes an array of strings.
  static func array(of texts: [String]) -> String {
    array(of: texts, byteCount: 32) { encode($0, to: &$1) }
  }

  /// Writes an array of numbers.
  static func array(of numbers: some Collection<Int64>) -> String {
    array(of: numbers, byteCount: 8) { $1 += String($0).utf8 }
  }

  private static func array<Elements: Collection>(
    of elements: Elements, byteCount: Int,
    _ appendElement: (Elements.Element, inout [UInt8]) -> Void
  ) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(elements.count * byteCount + 2)
    output.append(UInt8(ascii: "["))
    for element in elements {
      if output.count > 1 { output.append(UInt8(ascii: ",")) }
      appendElement(element, &output)
    }
    output.append(UInt8(ascii: "]"))
    return String(decoding: output, as: UTF8.self)
  }

  /// Reads a document that is an array of strings, or returns `nil` when it is anything else.
  static func decodeArray(_ bytes: [UInt8]) -> [String]? {
    var rest = trimmed(bytes[...])
    guard rest.popFirst() == UInt8(ascii: "["), rest.popLast() == UInt8(ascii: "]") else {
      return nil
    }
    rest = trimmed(rest)
    var texts: [String] = []
    while let end = endOfString(rest) {
      guard let text = decode(Array(rest[..<end])) else { return nil }
      texts.append(text)
      rest = trimmed(rest[end...])
      if rest.isEmpty { return texts }
      guard rest.popFirst() == UInt8(ascii: ",") else { return nil }
      rest = trimmed(rest)
    }
    return nil
  }

  /// Where the string ends that begins at the beginning, behind its quotation mark.
  private static func endOfString(_ bytes: ArraySlice<UInt8>) -> Int? {
    guard bytes.first == UInt8(ascii: "\"") else { return nil }
    var index = bytes.startIndex + 1
    while index < bytes.endIndex {
      if bytes[index] == UInt8(ascii: "\"") { return index + 1 }
      index += bytes[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    func isSpace(_ byte: UInt8) -> Bool {
      byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }
    var rest = bytes.drop(while: isSpace)
    while let last = rest.last, isSpace(last) { rest.removeLast() }
    return rest
  }

  /// Whether a byte stands for itself in a JSON string.
  private static func isPlain(_ byte: UInt8) -> Bool {
    byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\")
  }

  private static func escape(_ text: String, to output: inout [UInt8]) {
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output += [UInt8(ascii: "\\"), UInt8(ascii: "\"")]
      case UInt8(ascii: "\\"): output += [UInt8(ascii: "\\"), UInt8(ascii: "\\")]
      case 0x08: output += [UInt8(ascii: "\\"), UInt8(ascii: "b")]
      case 0x09: output += [UInt8(ascii: "\\"), UInt8(ascii: "t")]
      case 0x0a: output += [UInt8(ascii: "\\"), UInt8(ascii: "n")]
      case 0x0c: output += [UInt8(ascii: "\\"), UInt8(ascii: "f")]
      case 0x0d: output += [UInt8(ascii: "\\"), UInt8(ascii: "r")]
      case ..<0x20:
        output += Array("\\u00".utf8)
        output.append(byte < 16 ? UInt8(ascii: "0") : UInt8(ascii: "1"))
        output.append(Array("0123456789abcdef".utf8)[Int(byte & 15)])
      default: output.append(byte)
      }
    }
  }

  /// Reads a document that is one string, or returns `nil` when it is anything else.
  static func decode(_ bytes: [UInt8]) -> String? {
    var rest = trimmed(bytes[...])
    guard rest.count >= 2, rest.first == UInt8(ascii: "\""), rest.last == UInt8(ascii: "\"") else {
      return nil
    }
    rest = rest.dropFirst().dropLast()
    if rest.allSatisfy(isPlain) { return String(validating: rest, as: UTF8.self) }
    var output: [UInt8] = []
    output.reserveCapacity(rest.count)
    while let byte = rest.popFirst() {
      switch byte {
      case UInt8(ascii: "\\"):
        guard let scalar = decodeEscape(&rest) else { return nil }
        output += Array(String(Character(scalar)).utf8)
      case UInt8(ascii: "\""), ..<0x20:
        return nil
      default:
        output.append(byte)
      }
    }
    return String(validating: output, as: UTF8.self)
  }

  private static func decodeEscape(_ rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
    switch rest.popFirst() {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{08}"
    case UInt8(ascii: "f"): return "\u{0c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      guard let unit = decodeUnit(&rest) else { return nil }
      guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) }
      guard rest.starts(with: "\\u".utf8) else { return nil }
      rest = rest.dropFirst(2)
      guard let low = decodeUnit(&rest), (0xdc00..<0xe000).contains(low) else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    default: return nil
    }
  }

  private static func decodeUnit(_ rest: inout ArraySlice<UInt8>) -> UInt32? {
    let digits = rest.prefix(4)
    guard digits.count == 4, digits.allSatisfy({ $0.isLetter || $0.isDigit }) else { return nil }
    rest = rest.dropFirst(4)
    return UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
  }
}
