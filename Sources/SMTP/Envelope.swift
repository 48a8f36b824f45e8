internal import Base

/// A mail as the protocol sees it: sender, recipient and content.
package struct Envelope: Equatable, Sendable {
  /// The caller's identifier of the mail.
  package let id: Int64
  package let sender: String
  package let recipient: String

  /// Header and body.
  package let content: [UInt8]

  package init(id: Int64, sender: String, recipient: String, content: [UInt8]) {
    self.id = id
    self.sender = sender
    self.recipient = recipient
    self.content = content
  }

  /// Whether both addresses can be written between angle brackets in a command.
  var hasSpeakableAddresses: Bool {
    [sender, recipient].allSatisfy { address in
      address.utf8.allSatisfy { $0.isVisible && !"<>".utf8.contains($0) }
    }
  }

  /// Whether the content needs the 8BITMIME extension (RFC 6152).
  var isEightBit: Bool { content.contains { $0 >= 0x80 } }

  /// The content as sent after DATA: every line ended by CRLF, a dot before each line that begins
  /// with one, and the final dot (RFC 5321, section 4.5.2).
  ///
  /// A lone CR or LF becomes CRLF: servers disagree about where such a line ends.
  var transparentContent: [UInt8] {
    let (cr, lf, dot) = (UInt8(ascii: "\r"), UInt8(ascii: "\n"), UInt8(ascii: "."))
    var output: [UInt8] = []
    output.reserveCapacity(content.count + content.count / 32 + 8)
    let content = content
    var isLineStart = true
    var index = 0
    while index < content.count {
      let byte = content[index]
      index += 1
      if byte == cr || byte == lf {
        if byte == cr, index < content.count, content[index] == lf { index += 1 }
        output.append(cr)
        output.append(lf)
        isLineStart = true
        continue
      }
      if isLineStart, byte == dot { output.append(dot) }
      output.append(byte)
      isLineStart = false
    }
    if !isLineStart { output += [cr, lf] }
    output += [dot, cr, lf]
    return output
  }
}
