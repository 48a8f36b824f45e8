internal import Base

/// The quoted-printable transfer encoding of text (RFC 2045, section 6.7).
package enum QuotedPrintable {
  /// Encodes text whose lines end in LF, as lines of at most 76 bytes that end in CRLF.
  ///
  /// A dot or `From ` at the beginning of a line is encoded too, so that neither SMTP nor mbox
  /// software changes the line.
  package static func encode(_ text: String) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(text.utf8.count + text.utf8.count / 8)
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
      let line = rest[..<end]
      if isPlain(line) { output += line } else { encode(line: line, to: &output) }
      output.append(UInt8(ascii: "\r"))
      output.append(UInt8(ascii: "\n"))
      rest = rest[min(end + 1, rest.endIndex)...]
    }
    return output
  }

  /// Whether a line needs no encoding, as most do not.
  private static func isPlain(_ line: ArraySlice<UInt8>) -> Bool {
    guard let first = line.first, let last = line.last else { return true }
    return line.count <= 76 && last > 0x20 && first != UInt8(ascii: ".")
      && first != UInt8(ascii: "F")
      && line.allSatisfy { $0.isPrintable && $0 != UInt8(ascii: "=") }
  }

  private static func encode(line: ArraySlice<UInt8>, to output: inout [UInt8]) {
    var width = 0
    for index in line.indices {
      let byte = line[index]
      let isLast = index == line.index(before: line.endIndex)
      let atStart = width == 0
      let isMark =
        atStart
        && (byte == UInt8(ascii: ".") || line[index...].starts(with: "From ".utf8))
      let isBlank = byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t")
      let isLiteral =
        byte.isVisible && byte != UInt8(ascii: "=") && !isMark || isBlank && !isLast
      let needed = isLiteral ? 1 : 3
      // The last character of a line needs no room for a soft line break.
      if width + needed > (isLast ? 76 : 75) {
        output += "=\r\n".utf8
        width = 0
        encode(line: line[index...], to: &output)
        return
      }
      if isLiteral {
        output.append(byte)
      } else {
        output.append(UInt8(ascii: "="))
        output.append(Hexadecimal.capitalDigit(byte >> 4))
        output.append(Hexadecimal.capitalDigit(byte & 15))
      }
      width += needed
    }
  }
}
