/// URL-safe base64 without padding, as `itsdangerous.encoding` writes and reads it.
enum Base64URL {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// The value of each character, and 64 for those that are none.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    for (value, character) in alphabet.enumerated() { values[Int(character)] = UInt8(value) }
    values[Int(UInt8(ascii: "+"))] = 62
    values[Int(UInt8(ascii: "/"))] = 63
    return values
  }()

  /// Appends the encoding of some bytes.
  static func encode(_ bytes: [UInt8], to output: inout [UInt8]) {
    var index = 0
    while index + 2 < bytes.count {
      let group =
        Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      output.append(alphabet[group >> 18])
      output.append(alphabet[group >> 12 & 63])
      output.append(alphabet[group >> 6 & 63])
      output.append(alphabet[group & 63])
      index += 3
    }
    switch bytes.count - index {
    case 1:
      let group = Int(bytes[index])
      output.append(alphabet[group >> 2])
      output.append(alphabet[group << 4 & 63])
    case 2:
      let group = Int(bytes[index]) << 8 | Int(bytes[index + 1])
      output.append(alphabet[group >> 10])
      output.append(alphabet[group >> 4 & 63])
      output.append(alphabet[group << 2 & 63])
    default:
      break
    }
  }

  /// Decodes as Python's `base64.urlsafe_b64decode` does after itsdangerous has added padding.
  ///
  /// Python passes over characters that belong to neither alphabet, takes the bits of a last
  /// character that do not fill a byte for nothing, and stops at padding (CPython,
  /// `Modules/binascii.c`, `a2b_base64` without strict mode). A mail program may have damaged a
  /// link in just these ways, so regctl reads the same. Returns `nil` where Python raises.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count * 3 / 4 + 1)
    var position = 0
    var rest: UInt8 = 0
    var padding = 0
    // itsdangerous appends `-len % 4` equals signs before it decodes.
    let added = (4 - text.count % 4) % 4
    for index in 0..<(text.count + added) {
      let isAdded = index >= text.count
      let character = isAdded ? UInt8(ascii: "=") : text[text.startIndex + index]
      if character == UInt8(ascii: "=") {
        if position >= 2 {
          padding += 1
          if position + padding >= 4 { return output }
        }
        continue
      }
      let value = values[Int(character)]
      guard value < 64 else { continue }
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
