internal import Base

/// Addresses as other servers write them into fields of a message.
package enum ReceivedAddress {
  /// The address in a field: what stands between the last angle brackets, or all of it.
  package static func inside(_ field: String) -> String {
    let bytes = Array(field.utf8)[...]
    guard let end = bytes.lastIndex(of: UInt8(ascii: ">")),
      let start = bytes[..<end].lastIndex(of: UInt8(ascii: "<"))
    else { return String(decoding: ReceivedHeader.trimmed(bytes), as: UTF8.self) }
    return String(decoding: ReceivedHeader.trimmed(bytes[(start + 1)..<end]), as: UTF8.self)
  }

  /// An address of the type `utf-8`, in which `\x{E4}` stands for a character (RFC 6533, section 3);
  /// `nil` when it is not valid.
  static func decodingUTF8Form(of text: String) -> String? {
    var output = ""
    var rest = text.unicodeScalars[...]
    while let scalar = rest.popFirst() {
      guard scalar == "\\" else {
        output.unicodeScalars.append(scalar)
        continue
      }
      guard rest.popFirst() == "x", rest.popFirst() == "{" else { return nil }
      let digits = rest.prefix { $0 != "}" }
      guard (1...6).contains(digits.count), let value = UInt32(String(digits), radix: 16),
        let decoded = Unicode.Scalar(value)
      else { return nil }
      output.unicodeScalars.append(decoded)
      rest = rest.dropFirst(digits.count + 1)
    }
    return output
  }
}
