/// Base64 encodings (RFC 4648).
package enum Base64: Sendable {
  /// The alphabet with `+` and `/`, padded to groups of four (section 4).
  case standard
  /// The alphabet with `-` and `_`, not padded (section 5).
  case urlSafe

  // Static strings, because a global array is looked up behind a lock at each use.
  private static let standardCharacters: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  private static let urlSafeCharacters: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  private var characters: StaticString {
    switch self {
    case .standard: Self.standardCharacters
    case .urlSafe: Self.urlSafeCharacters
    }
  }

  private static let padding = UInt8(ascii: "=")

  /// The encoding of some bytes.
  package func encode(_ bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    encode(bytes.span, to: &output)
    return String(decoding: output, as: UTF8.self)
  }

  /// Appends the encoding of some bytes.
  package func encode(_ bytes: Span<UInt8>, to output: inout [UInt8]) {
    let characters = unsafe characters.utf8Start
    output.append(addingCapacity: (bytes.count + 2) / 3 * 4) { output in
      unsafe output.withUnsafeMutableBufferPointer { text, end in
        var index = 0
        while index + 2 < bytes.count {
          let group = Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
          unsafe text[end] = characters[group >> 18]
          unsafe text[end + 1] = characters[group >> 12 & 63]
          unsafe text[end + 2] = characters[group >> 6 & 63]
          unsafe text[end + 3] = characters[group & 63]
          index += 3
          end += 4
        }
        let rest = bytes.count - index
        guard rest > 0 else { return }
        let group = Int(bytes[index]) << 16 | (rest == 2 ? Int(bytes[index + 1]) << 8 : 0)
        unsafe text[end] = characters[group >> 18]
        unsafe text[end + 1] = characters[group >> 12 & 63]
        if rest == 2 { unsafe text[end + 2] = characters[group >> 6 & 63] }
        end += rest + 1
        for _ in rest..<3 where self == .standard {
          unsafe text[end] = Self.padding
          end += 1
        }
      }
    }
  }

  /// The value of a character; `nil` for one outside the alphabet.
  ///
  /// Python accepts both alphabets when the URL-safe one is requested, and so does this.
  private func value(of character: UInt8) -> UInt8? {
    switch character {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"): character - UInt8(ascii: "A")
    case UInt8(ascii: "a")...UInt8(ascii: "z"): character - UInt8(ascii: "a") + 26
    case UInt8(ascii: "0")...UInt8(ascii: "9"): character - UInt8(ascii: "0") + 52
    case UInt8(ascii: "+"): 62
    case UInt8(ascii: "/"): 63
    case UInt8(ascii: "-") where self == .urlSafe: 62
    case UInt8(ascii: "_") where self == .urlSafe: 63
    default: nil
    }
  }

  /// Decodes as Python's `base64` does; `nil` where Python raises.
  ///
  /// Python skips characters outside the alphabet, discards the bits of a last character that do
  /// not fill a byte, and stops at padding (CPython, `Modules/binascii.c`, `a2b_base64` without
  /// strict mode). A mail program may have damaged a link in these ways, so regctl reads the same.
  /// The padding that the URL-safe alphabet omits is added first, as `itsdangerous.encoding` does.
  package func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count * 3 / 4 + 1)
    var position = 0
    var rest: UInt8 = 0
    var padding = 0
    let added = self == .urlSafe ? (4 - text.count % 4) % 4 : 0
    for index in text.startIndex..<(text.endIndex + added) {
      let character = index < text.endIndex ? text[index] : Self.padding
      if character == Self.padding {
        if position >= 2 {
          padding += 1
          if position + padding >= 4 { return output }
        }
        continue
      }
      guard let value = value(of: character) else { continue }
      padding = 0
      switch position {
      case 0:
        rest = value
      case 1:
        output.append(rest << 2 | value >> 4)
        rest = value & 0x0f
      case 2:
        output.append(rest << 4 | value >> 2)
        rest = value & 0x03
      default:
        output.append(rest << 6 | value)
        rest = 0
      }
      position = (position + 1) % 4
    }
    return position == 0 ? output : nil
  }
}
