/// What a POSIX shell makes of a word, as far as regctl writes such words.
enum ShellReading {
  /// The value of a word; `nil` for one in which something else is special.
  static func value(of text: String) -> [UInt8]? {
    let bytes = Array(text.utf8)
    let (opening, closing) = (Array(#""$(printf '"#.utf8), Array(#"')""#.utf8))
    if bytes.starts(with: opening), bytes.suffix(closing.count).elementsEqual(closing) {
      return printed(bytes.dropFirst(opening.count).dropLast(closing.count))
    }
    var value: [UInt8] = []
    var isQuoted = false
    var rest = bytes[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "'") {
        isQuoted.toggle()
      } else if isQuoted {
        value.append(byte)
      } else if byte == UInt8(ascii: "\\") {
        guard let next = rest.popFirst() else { return nil }
        value.append(next)
      } else {
        guard isOrdinary(byte) else { return nil }
        value.append(byte)
      }
    }
    return isQuoted || bytes.isEmpty ? nil : value
  }

  /// Whether a byte has no meaning for a shell (POSIX.1-2017, Shell Command Language, section 2.2).
  private static func isOrdinary(_ byte: UInt8) -> Bool {
    byte > 0x20 && byte < 0x7f && !"|&;<>()$`\\\"'*?[#~{}!".utf8.contains(byte)
  }

  /// What `printf` prints for a format with octal escapes.
  private static func printed(_ format: ArraySlice<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var rest = format
    if rest.first == UInt8(ascii: "-") { return nil }
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%") || byte == UInt8(ascii: "'") { return nil }
      guard byte == UInt8(ascii: "\\") else {
        output.append(byte)
        continue
      }
      let digits = String(decoding: rest.prefix(3), as: UTF8.self)
      guard digits.utf8.count == 3, let code = UInt8(digits, radix: 8) else { return nil }
      output.append(code)
      rest = rest.dropFirst(3)
    }
    // A command substitution removes line ends at the end.
    return output.last == UInt8(ascii: "\n") ? nil : output
  }
}
