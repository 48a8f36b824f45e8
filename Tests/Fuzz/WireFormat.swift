@testable import SMTP

/// What all bytes that are sent as a mail must be.
enum WireFormat {
  private static let (cr, lf) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"))

  /// Requires that lines end in CRLF only (RFC 5321, section 2.3.8).
  static func requireLineEnds(_ bytes: some Collection<UInt8>) {
    var isAfterCR = false
    for byte in bytes {
      Property.require(isAfterCR == (byte == lf), "there is no lone CR or LF")
      isAfterCR = byte == cr
    }
    Property.require(!isAfterCR, "there is no CR at the end")
  }

  /// Requires that no line is longer than RFC 5322, section 2.1.1, allows.
  static func requireLineLengths(_ bytes: some Collection<UInt8>, atMost limit: Int = 998) {
    var width = 0
    for byte in bytes {
      width = byte == lf ? 0 : width + 1
      Property.require(width <= limit + 1, "no line is too long")
    }
  }

  /// Requires that a content ends where it should, and is not changed on the way.
  static func requireTransparent(_ content: [UInt8]) {
    let envelope = Envelope(
      id: 1, sender: "a@b.example", recipient: "c@d.example", content: content)
    let sent = envelope.transparentContent
    requireLineEnds(sent)
    let (lines, end) = received(sent)
    Property.require(end == sent.count, "the data ends with the mail, and not before")
    // Line ends are the only thing that sending may change.
    Property.require(lines == self.lines(of: content), "the lines arrive as they were")
  }

  /// The lines that a server takes from the data of a mail (RFC 5321, section 4.5.2), and where it
  /// finds the end.
  private static func received(_ data: [UInt8]) -> (lines: [[UInt8]], end: Int) {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    for (index, byte) in data.enumerated() {
      if byte == cr { continue }
      guard byte == lf else {
        line.append(byte)
        continue
      }
      if line == [UInt8(ascii: ".")] { return (lines, index + 1) }
      lines.append(line.first == UInt8(ascii: ".") ? Array(line.dropFirst()) : line)
      line = []
    }
    return (lines, -1)
  }

  /// The lines of a content that ends its lines in any way.
  private static func lines(of content: [UInt8]) -> [[UInt8]] {
    var lines: [[UInt8]] = []
    var line: [UInt8] = []
    var isAfterCR = false
    for byte in content {
      if byte == lf, isAfterCR {
        isAfterCR = false
        continue
      }
      isAfterCR = byte == cr
      if byte == cr || byte == lf {
        lines.append(line)
        line = []
      } else {
        line.append(byte)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }
}
