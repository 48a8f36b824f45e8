/// Writes JSON (RFC 8259) without whitespace, in the order of the calls.
///
/// The caller is responsible for a valid order: each name has one value, and each beginning an end.
package struct JSONWriter {
  /// The characters of a string that are escaped.
  package enum Escaping: Sendable {
    /// Those that must be escaped, as Python's `json.dumps(text, ensure_ascii=False)` does.
    case minimal
    /// Also those that are dangerous on a terminal: the value is the same to a program, and safe to
    /// display.
    case terminal
  }

  /// The output so far.
  package var bytes: [UInt8]
  private let escaping: Escaping

  /// Whether a comma is needed before the next value.
  private var needsComma = false

  /// A writer that appends to some bytes.
  package init(_ escaping: Escaping, behind bytes: consuming [UInt8] = []) {
    self.bytes = bytes
    self.escaping = escaping
  }

  /// The output so far, as text.
  package var text: String { String(decoding: bytes, as: UTF8.self) }

  // MARK: Structure

  /// Begins an object, whose members come next.
  package mutating func beginObject() { begin("{") }

  /// Ends an object.
  package mutating func endObject() { end("}") }

  /// Begins an array, whose values come next.
  package mutating func beginArray() { begin("[") }

  /// Ends an array.
  package mutating func endArray() { end("]") }

  /// Ends a document with a newline; another may follow.
  package mutating func endLine() {
    bytes.append(UInt8(ascii: "\n"))
    needsComma = false
  }

  /// Writes the name of a member, whose value comes next.
  package mutating func name(_ name: String) {
    separate()
    Self.append(name, escaping, to: &bytes)
    bytes.append(UInt8(ascii: ":"))
    needsComma = false
  }

  private mutating func begin(_ character: Unicode.Scalar) {
    separate()
    bytes.append(UInt8(ascii: character))
    needsComma = false
  }

  private mutating func end(_ character: Unicode.Scalar) {
    bytes.append(UInt8(ascii: character))
    needsComma = true
  }

  private mutating func separate() {
    if needsComma { bytes.append(UInt8(ascii: ",")) }
    needsComma = true
  }

  // MARK: Values

  /// Writes `null`.
  package mutating func null() {
    separate()
    bytes += "null".utf8
  }

  /// Writes `true` or `false`.
  package mutating func value(_ boolean: Bool) {
    separate()
    bytes += (boolean ? "true" : "false").utf8
  }

  /// Writes a string given as UTF-8; invalid UTF-8 is repaired.
  package mutating func value(utf8 text: ArraySlice<UInt8>) {
    separate()
    unsafe text.withUnsafeBufferPointer { unsafe Self.append($0, escaping, to: &bytes) }
  }

  /// Writes a number, or `null`.
  package mutating func value(_ number: Int64?) {
    guard let number else { return null() }
    separate()
    bytes += String(number).utf8
  }

  /// Writes a string, or `null`.
  package mutating func value(_ text: String?) {
    guard let text else { return null() }
    separate()
    Self.append(text, escaping, to: &bytes)
  }

  // MARK: Whole documents

  /// An array of strings.
  package static func array(of texts: [String]) -> String {
    var writer = JSONWriter(.minimal)
    writer.bytes.reserveCapacity(32 * texts.count + 2)
    writer.beginArray()
    for text in texts { writer.value(text) }
    writer.endArray()
    return writer.text
  }

  /// An array of numbers.
  package static func array(of numbers: [Int64]) -> String {
    var writer = JSONWriter(.minimal)
    writer.bytes.reserveCapacity(8 * numbers.count + 2)
    writer.beginArray()
    for number in numbers { writer.value(number) }
    writer.endArray()
    return writer.text
  }

  // MARK: Strings

  /// Appends a string with its quotation marks.
  package static func append(_ text: String, _ escaping: Escaping, to output: inout [UInt8]) {
    var text = text
    text.withUTF8 { unsafe append($0, escaping, to: &output) }
  }

  private static func append(
    _ text: UnsafeBufferPointer<UInt8>, _ escaping: Escaping, to output: inout [UInt8]
  ) {
    output.append(UInt8(ascii: "\""))
    if unsafe text.allSatisfy({ $0.isPrintable && $0 != quote && $0 != backslash }) {
      unsafe output.append(contentsOf: text)
    } else {
      for scalar in unsafe String(decoding: text, as: UTF8.self).unicodeScalars {
        append(scalar, escaping, to: &output)
      }
    }
    output.append(UInt8(ascii: "\""))
  }

  private static let quote = UInt8(ascii: "\"")
  private static let backslash = UInt8(ascii: "\\")

  private static func append(
    _ scalar: Unicode.Scalar, _ escaping: Escaping, to output: inout [UInt8]
  ) {
    switch scalar {
    case "\"": output += #"\""#.utf8
    case "\\": output += #"\\"#.utf8
    case "\n": output += #"\n"#.utf8
    case "\r": output += #"\r"#.utf8
    case "\t": output += #"\t"#.utf8
    case "\u{08}" where escaping == .minimal: output += #"\b"#.utf8
    case "\u{0c}" where escaping == .minimal: output += #"\f"#.utf8
    case _ where scalar.value < 0x20 || escaping == .terminal && scalar.isDangerousOnTerminal:
      // Characters beyond U+FFFF are surrogate pairs (RFC 8259, section 7).
      for unit in scalar.utf16 {
        output += #"\u"#.utf8
        for shift in [12, 8, 4, 0] {
          output.append(Hexadecimal.digit(UInt8(unit >> UInt16(shift) & 15)))
        }
      }
    default: output += scalar.utf8
    }
  }
}
