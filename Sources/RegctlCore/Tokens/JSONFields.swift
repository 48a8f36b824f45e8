internal import Base

/// A JSON object (RFC 8259, section 4) whose values are strings, integers, `true`, `false` or `null`.
struct JSONFields {
  enum Value: Equatable {
    case null
    case boolean(Bool)
    case integer(Int64)
    case text(String)
  }

  private var fields: [(name: String, value: Value)] = []

  /// Reads a document that is one such object, with no name twice; anything else is `nil`.
  init?(parsing bytes: [UInt8]) {
    var reader = Reader(bytes: bytes)
    guard reader.take("{") else { return nil }
    if !reader.take("}") {
      repeat {
        guard let name = reader.string(), reader.take(":"), let value = reader.value(),
          self[name] == nil
        else { return nil }
        fields.append((name, value))
      } while reader.take(",")
      guard reader.take("}") else { return nil }
    }
    guard reader.isAtEnd else { return nil }
  }

  /// The value of a name, or `nil` when the object has none.
  subscript(name: String) -> Value? {
    // By bytes, as Swift takes some different characters for equal.
    fields.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }

  /// Whether the object has these names and no others.
  func has(only names: [String]) -> Bool {
    fields.count == names.count && names.allSatisfy { self[$0] != nil }
  }

  func text(_ name: String) -> String? {
    if case .text(let text) = self[name] { text } else { nil }
  }

  func integer(_ name: String) -> Int64? {
    if case .integer(let integer) = self[name] { integer } else { nil }
  }

  func boolean(_ name: String) -> Bool? {
    if case .boolean(let boolean) = self[name] { boolean } else { nil }
  }
}

/// Goes through the bytes of a document.
private struct Reader {
  let bytes: [UInt8]
  private var place = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  private mutating func skipBlanks() {
    while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 }
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
  }

  var isAtEnd: Bool {
    mutating get {
      skipBlanks()
      return place == bytes.count
    }
  }

  mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipBlanks()
    guard place < bytes.count, bytes[place] == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  mutating func string() -> String? {
    skipBlanks()
    let start = place
    guard place < bytes.count, bytes[place] == UInt8(ascii: "\"") else { return nil }
    place += 1
    while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
      place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
    }
    guard place < bytes.count else { return nil }
    place += 1
    return JSONText.decode(Array(bytes[start..<place]))
  }

  mutating func value() -> JSONFields.Value? {
    skipBlanks()
    guard place < bytes.count else { return nil }
    if bytes[place] == UInt8(ascii: "\"") { return string().map(JSONFields.Value.text) }
    let word = bytes[place...].prefix { $0.isDigit || $0.isLetter || $0 == UInt8(ascii: "-") }
    place = word.endIndex
    switch String(decoding: word, as: UTF8.self) {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    case let digits:
      let isWhole = word.first == UInt8(ascii: "-") || word.first?.isDigit == true
      return isWhole ? Int64(digits).map(JSONFields.Value.integer) : nil
    }
  }
}
