internal import Base

/// The encoding of parameters in SMTP commands (RFC 3461, section 4): `+` and two hexadecimal digits
/// stand for a byte that a parameter may not contain.
enum XText {
  /// The encoding of some text.
  static func encode(_ text: String) -> String {
    func standsForItself(_ byte: UInt8) -> Bool {
      byte.isVisible && byte != UInt8(ascii: "+") && byte != UInt8(ascii: "=")
    }
    if text.utf8.allSatisfy(standsForItself) { return text }
    var output: [UInt8] = []
    for byte in text.utf8 {
      if standsForItself(byte) {
        output.append(byte)
      } else {
        output.append(UInt8(ascii: "+"))
        output.append(Hexadecimal.capitalDigit(byte >> 4))
        output.append(Hexadecimal.capitalDigit(byte & 15))
      }
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The decoded text; `nil` when it is not valid.
  static func decode(_ text: String) -> String? {
    var output: [UInt8] = []
    var bytes = text.utf8.makeIterator()
    while let byte = bytes.next() {
      if byte != UInt8(ascii: "+") {
        output.append(byte)
        continue
      }
      guard let first = bytes.next(), let second = bytes.next(),
        let high = Hexadecimal.value(of: first), let low = Hexadecimal.value(of: second)
      else { return nil }
      output.append(high << 4 | low)
    }
    return String(validating: output, as: UTF8.self)
  }
}
