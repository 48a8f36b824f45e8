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
    let bytes = Array(text.utf8)
    let span = bytes.span
    var start = 0
    while start < span.count {
      var end = start
      while end < span.count, span[end] != UInt8(ascii: "\n") { end += 1 }
      if isPlain(span, start..<end) {
        output += bytes[start..<end]
      } else {
        encode(bytes, span, start..<end, to: &output)
      }
      output.append(UInt8(ascii: "\r"))
      output.append(UInt8(ascii: "\n"))
      start = end + 1
    }
    return output
  }

  /// Whether a line needs no encoding, as most do not.
  private static func isPlain(_ text: borrowing Span<UInt8>, _ line: Range<Int>) -> Bool {
    if line.isEmpty { return true }
    let first = text[line.lowerBound]
    guard
      line.count <= 76 && text[line.upperBound - 1] > 0x20 && first != UInt8(ascii: ".")
        && first != UInt8(ascii: "F")
    else { return false }
    for index in line where !text[index].isPrintable || text[index] == UInt8(ascii: "=") {
      return false
    }
    return true
  }

  /// Encodes a line, with soft line breaks.
  private static func encode(
    _ bytes: [UInt8], _ text: borrowing Span<UInt8>, _ line: Range<Int>, to output: inout [UInt8]
  ) {
    var width = 0
    var index = line.lowerBound
    while index < line.upperBound {
      if width > 0 || !needsEncodingAtStart(text, index..<line.upperBound) {
        let room = index..<min(line.upperBound, index + widest - width)
        let literal = index..<endOfLiterals(text, room, in: line)
        output += bytes[literal]
        width += literal.count
        index = literal.upperBound
        if index == line.upperBound { break }
      }
      // The last character of a line needs no room for a soft line break.
      let isLast = index + 1 == line.upperBound
      let isLiteral =
        width > 0 && isLast && text[index].isVisible && text[index] != UInt8(ascii: "=")
      if width + (isLiteral ? 1 : 3) > (isLast ? widest + 1 : widest) {
        output += "=\r\n".utf8
        width = 0
        continue
      }
      if isLiteral {
        output.append(text[index])
      } else {
        output.append(UInt8(ascii: "="))
        output.append(Hexadecimal.capitalDigit(text[index] >> 4))
        output.append(Hexadecimal.capitalDigit(text[index] & 15))
      }
      width += isLiteral ? 1 : 3
      index += 1
    }
  }

  /// The number of characters before a soft line break.
  private static let widest = 75

  /// The end of the bytes that stand for themselves, which a blank at the end of a line does not.
  private static func endOfLiterals(
    _ text: borrowing Span<UInt8>, _ room: Range<Int>, in line: Range<Int>
  ) -> Int {
    var end = room.lowerBound
    while end < room.upperBound {
      let byte = text[end]
      guard byte.isPrintable && byte != UInt8(ascii: "=") || byte == UInt8(ascii: "\t") else {
        break
      }
      end += 1
    }
    if end == line.upperBound, end > room.lowerBound, text[end - 1] <= 0x20 { end -= 1 }
    return end
  }

  /// Whether the rest of a line begins with a byte that does not stand for itself there.
  private static func needsEncodingAtStart(
    _ text: borrowing Span<UInt8>, _ rest: Range<Int>
  ) -> Bool {
    text[rest.lowerBound] == UInt8(ascii: ".") || isFrom(text, rest)
  }

  /// Whether the rest of a line begins as one that mbox software changes.
  private static func isFrom(_ text: borrowing Span<UInt8>, _ rest: Range<Int>) -> Bool {
    let mark = "From ".utf8
    guard rest.count >= mark.count else { return false }
    for (offset, byte) in mark.enumerated() where text[rest.lowerBound + offset] != byte {
      return false
    }
    return true
  }

  /// Decodes received bytes.
  ///
  /// What is not valid stays as it is, as RFC 2045, section 6.7, recommends.
  static func decode(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(bytes.count)
    var lines = TextLines(bytes)
    while let line = lines.next() {
      var text = line
      while let last = text.last, last == 0x20 || last == 0x09 { text.removeLast() }
      let isSoft = text.last == UInt8(ascii: "=")
      if isSoft { text.removeLast() }
      decode(line: text, to: &output)
      if !isSoft { output.append(UInt8(ascii: "\n")) }
    }
    return output
  }

  private static func decode(line: ArraySlice<UInt8>, to output: inout [UInt8]) {
    var index = line.startIndex
    while index < line.endIndex {
      if line[index] == UInt8(ascii: "="), index + 2 < line.endIndex,
        let high = Hexadecimal.value(of: line[index + 1]),
        let low = Hexadecimal.value(of: line[index + 2])
      {
        output.append(high << 4 | low)
        index += 3
      } else {
        output.append(line[index])
        index += 1
      }
    }
  }
}
