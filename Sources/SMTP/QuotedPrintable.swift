/// The quoted-printable transfer encoding of text (RFC 2045, section 6.7).
package enum QuotedPrintable {
  /// Encodes text whose lines end in LF, as lines of at most 76 bytes that end in CRLF.
  ///
  /// A dot that begins a line, and `From ` there, are encoded too: neither an SMTP server nor an
  /// mbox file can then mistake the text for its own marks.
  package static func encode(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    var lines = Array(text.utf8).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    for line in lines {
      encode(line: line, to: &output)
      output += [UInt8(ascii: "\r"), UInt8(ascii: "\n")]
    }
    return output
  }

  private static func encode(line: ArraySlice<UInt8>, to output: inout [UInt8]) {
    var width = 0
    for index in line.indices {
      let byte = line[index]
      let isLast = index == line.index(before: line.endIndex)
      let atStart = width == 0
      let isMark =
        atStart
        && (byte == UInt8(ascii: ".") || line[index...].starts(with: Array("From ".utf8)))
      let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
      let isLiteral =
        (33...126).contains(byte) && byte != UInt8(ascii: "=") && !isMark || isBlank && !isLast
      let needed = isLiteral ? 1 : 3
      // The last of a line needs no room for a soft line break after it.
      if width + needed > (isLast ? 76 : 75) {
        output += Array("=\r\n".utf8)
        width = 0
        encode(line: line[index...], to: &output)
        return
      }
      if isLiteral {
        output.append(byte)
      } else {
        output += [UInt8(ascii: "="), hexadecimal(byte >> 4), hexadecimal(byte & 15)]
      }
      width += needed
    }
  }

  static func hexadecimal(_ nibble: UInt8) -> UInt8 {
    nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "A") + nibble - 10
  }
}
