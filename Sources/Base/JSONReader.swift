/// Reads a JSON document (RFC 8259) piece by piece, in order.
///
/// A piece is returned as soon as it is read; the text after it may still be invalid.
package struct JSONReader {
  /// A part of a document.
  package enum Piece: Equatable, Sendable {
    case beginObject, endObject, beginArray, endArray
    /// The name of a member, whose value comes next.
    case name(String)
    case value(JSONScalar)
  }

  /// The expected next part.
  private enum Expectation {
    /// A value, or the end of an array that has just begun.
    case value, firstElement
    /// A name, or the end of an object that has just begun.
    case name, firstName
    /// A comma, or the end of the enclosing object or array.
    case next
  }

  /// The maximum nesting depth of objects and arrays; RFC 8259, section 9, allows a limit.
  private static let maximumDepth = 64

  private let bytes: ArraySlice<UInt8>
  private var place: Int
  private var expectation = Expectation.value

  /// The depth, and one bit for each level that is set for an object.
  private var depth = 0
  private var objects: UInt64 = 0

  /// A reader of a whole document.
  package init(_ bytes: ArraySlice<UInt8>) {
    self.bytes = bytes
    place = bytes.startIndex
  }

  /// A reader of a whole document.
  package init(_ bytes: [UInt8]) { self.init(bytes[...]) }

  /// The next piece; `nil` at the end of the document.
  package mutating func next() throws(JSONError) -> Piece? {
    skipBlanks()
    switch expectation {
    case .firstElement where take("]"): return end(.endArray)
    case .value, .firstElement: return try value()
    case .firstName where take("}"): return end(.endObject)
    case .name, .firstName: return try name()
    case .next: break
    }
    guard depth > 0 else {
      guard place == bytes.endIndex else { throw syntaxError() }
      return nil
    }
    let isInObject = objects & 1 == 1
    if take(isInObject ? "}" : "]") { return end(isInObject ? .endObject : .endArray) }
    guard take(",") else { throw syntaxError() }
    skipBlanks()
    return isInObject ? try name() : try value()
  }

  // MARK: Structure

  private func syntaxError(at place: Int? = nil) -> JSONError {
    .syntax(byte: (place ?? self.place) - bytes.startIndex + 1)
  }

  private mutating func skipBlanks() {
    while place < bytes.endIndex, bytes[place].isJSONBlank { place += 1 }
  }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    guard place < bytes.endIndex, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func begin(_ piece: Piece) throws(JSONError) -> Piece {
    guard depth < Self.maximumDepth else { throw syntaxError() }
    place += 1
    depth += 1
    objects = objects << 1 | (piece == .beginObject ? 1 : 0)
    expectation = piece == .beginObject ? .firstName : .firstElement
    return piece
  }

  private mutating func end(_ piece: Piece) -> Piece {
    depth -= 1
    objects >>= 1
    expectation = .next
    return piece
  }

  private mutating func name() throws(JSONError) -> Piece {
    let name = try string()
    skipBlanks()
    guard take(":") else { throw syntaxError() }
    expectation = .value
    return .name(name)
  }

  private mutating func value() throws(JSONError) -> Piece {
    guard place < bytes.endIndex else { throw syntaxError() }
    let scalar: JSONScalar
    switch bytes[place] {
    case UInt8(ascii: "{"): return try begin(.beginObject)
    case UInt8(ascii: "["): return try begin(.beginArray)
    case UInt8(ascii: "\""): scalar = .text(try string())
    case UInt8(ascii: "n"): scalar = try word("null", .null)
    case UInt8(ascii: "t"): scalar = try word("true", .boolean(true))
    case UInt8(ascii: "f"): scalar = try word("false", .boolean(false))
    default: scalar = .number(try number())
    }
    expectation = .next
    return .value(scalar)
  }

  // MARK: Scalars

  private mutating func word(
    _ word: StaticString, _ scalar: JSONScalar
  ) throws(JSONError) -> JSONScalar {
    for index in 0..<word.utf8CodeUnitCount {
      guard place < bytes.endIndex, unsafe bytes[place] == word.utf8Start[index] else {
        throw syntaxError()
      }
      place += 1
    }
    return scalar
  }

  /// Reads a number (RFC 8259, section 6).
  private mutating func number() throws(JSONError) -> String {
    let start = place
    _ = take("-")
    if !take("0") { try digits() }
    if take(".") { try digits() }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      try digits()
    }
    return String(decoding: bytes[start..<place], as: UTF8.self)
  }

  private mutating func digits() throws(JSONError) {
    let start = place
    while place < bytes.endIndex, bytes[place].isDigit { place += 1 }
    if place == start { throw syntaxError() }
  }

  /// Reads a string (RFC 8259, section 7).
  private mutating func string() throws(JSONError) -> String {
    guard take("\"") else { throw syntaxError() }
    let start = place
    var hasEscapes = false
    var combined: UInt8 = 0
    while place < bytes.endIndex, bytes[place] != UInt8(ascii: "\"") {
      guard bytes[place] >= 0x20 else { throw syntaxError() }
      combined |= bytes[place]
      if bytes[place] == UInt8(ascii: "\\") {
        hasEscapes = true
        place += 1
      }
      place += 1
    }
    guard place < bytes.endIndex else { throw syntaxError(at: bytes.endIndex) }
    let content = bytes[start..<place]
    place += 1
    if hasEscapes { return try unescaped(content) }
    // Validation takes ten times as long as the check that there is nothing to validate.
    if combined < 0x80 { return String(decoding: content, as: UTF8.self) }
    guard let text = String(validating: content, as: UTF8.self) else { throw .notUTF8 }
    return text
  }

  private func unescaped(_ content: ArraySlice<UInt8>) throws(JSONError) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(content.count)
    var rest = content
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "\\") else {
        output.append(byte)
        continue
      }
      let escape = rest.startIndex - 1
      guard let scalar = Self.takeEscape(from: &rest) else { throw syntaxError(at: escape) }
      output += scalar.utf8
    }
    guard let text = String(validating: output, as: UTF8.self) else { throw .notUTF8 }
    return text
  }

  /// Reads an escape after its backslash; `nil` for an invalid one.
  private static func takeEscape(from rest: inout ArraySlice<UInt8>) -> Unicode.Scalar? {
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
      guard let unit = takeUnit(from: &rest) else { return nil }
      guard (0xd800..<0xdc00).contains(unit) else { return Unicode.Scalar(unit) }
      // Characters beyond U+FFFF are surrogate pairs (RFC 8259, section 7).
      guard rest.popFirst() == UInt8(ascii: "\\"), rest.popFirst() == UInt8(ascii: "u"),
        let low = takeUnit(from: &rest), (0xdc00..<0xe000).contains(low)
      else { return nil }
      return Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
    default: return nil
    }
  }

  private static func takeUnit(from rest: inout ArraySlice<UInt8>) -> UInt32? {
    guard rest.count >= 4 else { return nil }
    var unit: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = rest.popFirst().flatMap(Hexadecimal.value(of:)) else { return nil }
      unit = unit << 4 | UInt32(digit)
    }
    return unit
  }
}

extension UInt8 {
  /// Whether this is JSON whitespace.
  @inlinable package var isJSONBlank: Bool {
    self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d
  }
}
