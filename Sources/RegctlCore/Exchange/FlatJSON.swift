internal import Base

/// A JSON object whose values are no objects or arrays (RFC 8259).
package enum FlatJSON {
  /// A value.
  enum Scalar: Equatable {
    case null
    case boolean(Bool)
    /// A number as it is written.
    case number(String)
    case text(String)
  }

  /// Why bytes are no such object.
  package enum Fault: Error, Equatable, Sendable {
    case noObject
    /// An object or array as the value of a key.
    case nested(String)
    /// Something is out of place, at a byte counted from 1.
    case syntax(byte: Int)
  }

  /// Calls `body` with each member of the object that the bytes are.
  static func forEachMember(
    of bytes: Span<UInt8>, _ body: (String, Scalar) throws(ImportError.Fault) -> Void
  ) throws(ImportError.Fault) {
    var place = 0
    skipBlanks(bytes, &place)
    guard take("{", bytes, &place) else { throw .json(.noObject) }
    skipBlanks(bytes, &place)
    var isFirst = true
    while !take("}", bytes, &place) {
      if !isFirst {
        try expect(",", bytes, &place)
        skipBlanks(bytes, &place)
      }
      isFirst = false
      let key = try string(bytes, &place)
      skipBlanks(bytes, &place)
      try expect(":", bytes, &place)
      skipBlanks(bytes, &place)
      try body(key, scalar(bytes, &place, of: key))
      skipBlanks(bytes, &place)
    }
    skipBlanks(bytes, &place)
    guard place == bytes.count else { throw .json(.syntax(byte: place + 1)) }
  }

  private static func expect(
    _ character: Unicode.Scalar, _ bytes: Span<UInt8>, _ place: inout Int
  ) throws(ImportError.Fault) {
    guard take(character, bytes, &place) else { throw .json(.syntax(byte: place + 1)) }
  }

  private static func skipBlanks(_ bytes: Span<UInt8>, _ place: inout Int) {
    while place < bytes.count, bytes[place].isJSONBlank { place += 1 }
  }

  private static func take(
    _ character: Unicode.Scalar, _ bytes: Span<UInt8>, _ place: inout Int
  ) -> Bool {
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private static func scalar(
    _ bytes: Span<UInt8>, _ place: inout Int, of key: String
  ) throws(ImportError.Fault) -> Scalar {
    guard place < bytes.count else { throw .json(.syntax(byte: place + 1)) }
    switch bytes[place] {
    case UInt8(ascii: "\""): return .text(try string(bytes, &place))
    case UInt8(ascii: "{"), UInt8(ascii: "["): throw .json(.nested(key))
    case UInt8(ascii: "n"):
      try word("null", bytes, &place)
      return .null
    case UInt8(ascii: "t"):
      try word("true", bytes, &place)
      return .boolean(true)
    case UInt8(ascii: "f"):
      try word("false", bytes, &place)
      return .boolean(false)
    default: return .number(try number(bytes, &place))
    }
  }

  private static func word(
    _ word: StaticString, _ bytes: Span<UInt8>, _ place: inout Int
  ) throws(ImportError.Fault) {
    for index in 0..<word.utf8CodeUnitCount {
      guard place < bytes.count, unsafe bytes[place] == word.utf8Start[index] else {
        throw .json(.syntax(byte: place + 1))
      }
      place += 1
    }
  }

  private static func number(_ bytes: Span<UInt8>, _ place: inout Int) throws(ImportError.Fault)
    -> String
  {
    let start = place
    func isDigit() -> Bool { place < bytes.count && bytes[place].isDigit }
    func digits() throws(ImportError.Fault) {
      guard isDigit() else { throw .json(.syntax(byte: place + 1)) }
      while isDigit() { place += 1 }
    }
    _ = take("-", bytes, &place)
    if !take("0", bytes, &place) { try digits() }
    if take(".", bytes, &place) { try digits() }
    if take("e", bytes, &place) || take("E", bytes, &place) {
      if !take("+", bytes, &place) { _ = take("-", bytes, &place) }
      try digits()
    }
    guard let text = bytes.extracting(start..<place).text else { throw .notUTF8 }
    return text
  }

  private static func string(_ bytes: Span<UInt8>, _ place: inout Int) throws(ImportError.Fault)
    -> String
  {
    guard take("\"", bytes, &place) else { throw .json(.syntax(byte: place + 1)) }
    let start = place
    var isPlain = true
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      guard bytes[place] >= 0x20 else { throw .json(.syntax(byte: place + 1)) }
      if bytes[place] == UInt8(ascii: "\\") {
        isPlain = false
        place += 1
      }
      place += 1
    }
    guard place < bytes.count else { throw .json(.syntax(byte: bytes.count + 1)) }
    let content = bytes.extracting(start..<place)
    place += 1
    guard let text = content.text else { throw .notUTF8 }
    if isPlain { return text }
    guard let decoded = JSONText.decode([UInt8(ascii: "\"")] + text.utf8 + [UInt8(ascii: "\"")])
    else { throw .json(.syntax(byte: start + 1)) }
    return decoded
  }
}

extension UInt8 {
  /// Whether JSON allows this between its parts.
  var isJSONBlank: Bool { self == 0x20 || self == 0x09 || self == 0x0a || self == 0x0d }
}

extension Span<UInt8> {
  /// The bytes as text, or `nil` when they are no UTF-8.
  var text: String? {
    unsafe withUnsafeBufferPointer { bytes in
      // To validate takes ten times as long as to see that there is nothing to validate.
      unsafe bytes.allSatisfy { $0 < 0x80 }
        ? String(decoding: bytes, as: UTF8.self) : String(validating: bytes, as: UTF8.self)
    }
  }
}
