/// Those characters of a text that a token may hold, base64url and the dot, and where they stand.
struct TokenReading {
  private(set) var characters: [UInt8] = []

  /// Of each character the bytes of the text that are read as it.
  private(set) var places: [Range<Int>] = []

  /// Reads a text; with `decodesQuotedPrintable`, `=2E` is a dot (RFC 2045, section 6.7).
  ///
  /// The `=` of a soft line break is no character of a token, and so left out.
  init(_ bytes: [UInt8], decodesQuotedPrintable: Bool) {
    characters.reserveCapacity(bytes.count)
    places.reserveCapacity(bytes.count)
    var position = 0
    while position < bytes.count {
      let start = position
      var character = bytes[position]
      position += 1
      if decodesQuotedPrintable, character == UInt8(ascii: "="),
        let byte = Self.byte(ofDigitsAt: position, in: bytes)
      {
        character = byte
        position += 2
      }
      if Self.isInAlphabet(character) {
        characters.append(character)
        places.append(start..<position)
      }
    }
  }

  /// What two characters say as hexadecimal digits, in upper or lower case.
  private static func byte(ofDigitsAt position: Int, in bytes: [UInt8]) -> UInt8? {
    guard position + 2 <= bytes.count, let high = digit(bytes[position]),
      let low = digit(bytes[position + 1])
    else { return nil }
    return high << 4 | low
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    default: nil
    }
  }

  private static func isInAlphabet(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
      UInt8(ascii: "."):
      true
    default: false
    }
  }
}
