internal import Base

/// The characters of a text that can occur in a token, base64url and the dot, with their positions.
struct TokenReading {
  private(set) var characters: [UInt8] = []

  /// For each character, the range of bytes in the text that encodes it.
  private(set) var places: [Range<Int>] = []

  /// Scans a text; with `decodesQuotedPrintable`, `=2E` is a dot (RFC 2045, section 6.7).
  ///
  /// The `=` of a soft line break is not a token character, so it is skipped.
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

  /// The value of two hexadecimal digits, in upper or lower case.
  private static func byte(ofDigitsAt position: Int, in bytes: [UInt8]) -> UInt8? {
    guard position + 2 <= bytes.count, let high = Hexadecimal.value(of: bytes[position]),
      let low = Hexadecimal.value(of: bytes[position + 1])
    else { return nil }
    return high << 4 | low
  }

  private static func isInAlphabet(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || "-_.".utf8.contains(byte)
  }
}
