/// URL-safe base64 without padding, as `itsdangerous.encoding` writes and reads it.
enum Base64URL {
  // Static strings, because a global array is looked up behind a lock at each use.
  private static let alphabet: StaticString =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"

  /// How many characters encode some bytes.
  static func encodedCount(of byteCount: Int) -> Int { (byteCount * 4 + 2) / 3 }

  /// Writes the encoding of some bytes to the beginning of a buffer and returns its length.
  static func encode(
    _ bytes: UnsafeRawBufferPointer, to text: UnsafeMutableBufferPointer<UInt8>
  ) -> Int {
    let characters = unsafe alphabet.utf8Start
    let total = encodedCount(of: bytes.count)
    precondition(total <= text.count, "room for the encoding")
    var count = 0
    var index = 0
    while index + 2 < bytes.count {
      let group =
        unsafe Int(bytes[index]) << 16 | Int(bytes[index + 1]) << 8 | Int(bytes[index + 2])
      unsafe text[count] = characters[group >> 18]
      unsafe text[count + 1] = characters[group >> 12 & 63]
      unsafe text[count + 2] = characters[group >> 6 & 63]
      unsafe text[count + 3] = characters[group & 63]
      index += 3
      count += 4
    }
    let rest = bytes.count - index
    if rest > 0 {
      let low = unsafe rest == 2 ? Int(bytes[index + 1]) : 0
      let group = unsafe Int(bytes[index]) << 8 | low
      unsafe text[count] = characters[group >> 10]
      unsafe text[count + 1] = characters[group >> 4 & 63]
      if rest == 2 { unsafe text[count + 2] = characters[group << 2 & 63] }
    }
    return total
  }

  /// The value of each character of either alphabet, and 64 for any other byte.
  private static let values: [UInt8] = {
    var values = [UInt8](repeating: 64, count: 256)
    alphabet.withUTF8Buffer { characters in
      for value in 0..<64 { unsafe values[Int(characters[value])] = UInt8(value) }
    }
    values[Int(UInt8(ascii: "+"))] = 62
    values[Int(UInt8(ascii: "/"))] = 63
    return values
  }()

  /// Decodes as Python's `base64.urlsafe_b64decode` does after itsdangerous has added padding.
  ///
  /// Python passes over characters that belong to neither alphabet, takes the bits of a last
  /// character that do not fill a byte for nothing, and stops at padding (CPython,
  /// `Modules/binascii.c`, `a2b_base64` without strict mode). A mail program may have damaged a
  /// link in just these ways, so regctl reads the same. Returns `nil` where Python raises.
  static func decode(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    decodeUndamaged(text) ?? decodeDamaged(text)
  }

  /// Decodes characters of the alphabets alone, or returns `nil`.
  private static func decodeUndamaged(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let rest = text.count % 4
    if rest == 1 { return nil }
    var isUndamaged = false
    let output = unsafe [UInt8](unsafeUninitializedCapacity: text.count * 3 / 4 + 3) {
      output, count in
      unsafe values.withUnsafeBufferPointer { values in
        unsafe text.withUnsafeBufferPointer { text in
          var all: UInt8 = 0
          var index = 0
          var group: UInt32 = 0
          while index < text.count {
            let value = unsafe values[Int(text[index])]
            all |= value
            group = group << 6 | UInt32(value)
            index += 1
            guard index & 3 == 0 else { continue }
            unsafe output[count] = UInt8(truncatingIfNeeded: group >> 16)
            unsafe output[count + 1] = UInt8(truncatingIfNeeded: group >> 8)
            unsafe output[count + 2] = UInt8(truncatingIfNeeded: group)
            count += 3
          }
          if rest > 0 {
            unsafe output[count] = UInt8(truncatingIfNeeded: group >> (rest == 2 ? 4 : 10))
          }
          if rest == 3 { unsafe output[count + 1] = UInt8(truncatingIfNeeded: group >> 2) }
          if rest > 0 { count += rest - 1 }
          isUndamaged = all < 64
        }
      }
    }
    return isUndamaged ? output : nil
  }

  private static func decodeDamaged(_ text: ArraySlice<UInt8>) -> [UInt8]? {
    let values = Self.values
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
