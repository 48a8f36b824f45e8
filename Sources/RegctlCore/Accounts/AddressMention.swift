internal import Base

/// Whether a text names an address: not as a part of a longer one.
enum AddressMention {
  /// Ignores ASCII case.
  static func contains(_ address: String, in text: String) -> Bool {
    let address = address.utf8.map(\.lowercased)
    let text = text.utf8.map(\.lowercased)
    if address.isEmpty || address.count > text.count { return false }
    return (0...(text.count - address.count)).contains { start in
      let end = start + address.count
      guard text[start..<end].elementsEqual(address) else { return false }
      return !(start > 0 && continues(text[start - 1]))
        && !(end < text.count
          && continues(text[end], before: end + 1 < text.count ? text[end + 1] : 0))
    }
  }

  /// Whether a byte before an address belongs to a longer one.
  private static func continues(_ byte: UInt8) -> Bool {
    isWord(byte) || ".!#$%&*+/=?^_`{|}~-".utf8.contains(byte)
  }

  /// Whether a byte behind an address belongs to a longer one; a full stop or a hyphen only before
  /// another word.
  private static func continues(_ byte: UInt8, before next: UInt8) -> Bool {
    isWord(byte) || (byte == UInt8(ascii: ".") || byte == UInt8(ascii: "-")) && isWord(next)
  }

  private static func isWord(_ byte: UInt8) -> Bool {
    switch byte.lowercased {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), 0x80...:
      true
    default: false
    }
  }
}
