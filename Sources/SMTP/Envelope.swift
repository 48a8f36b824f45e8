internal import Base

/// A mail as the protocol sees it: sender, recipient and content.
package struct Envelope: Equatable, Sendable {
  /// The caller's identifier of the mail.
  package let id: Int64
  package let sender: String
  package let recipient: String

  /// Identifies the mail in a report that it could not be delivered (RFC 3461, section 4.4); `nil` for
  /// one about which no report is evaluated.
  package let envelopeID: String?

  /// Header and body.
  package let content: [UInt8]

  /// Whether the content needs the 8BITMIME extension (RFC 6152).
  let isEightBit: Bool

  /// Whether the content can be sent as it is, before the final dot.
  private let isTransparent: Bool

  package init(
    id: Int64, sender: String, recipient: String, envelopeID: String? = nil, content: [UInt8]
  ) {
    self.envelopeID = envelopeID
    self.id = id
    self.sender = sender
    self.recipient = recipient
    self.content = content
    (isEightBit, isTransparent) = Self.survey(content)
  }

  /// Whether content has a byte beyond ASCII, and whether it is as it is sent: in lines that end in CRLF
  /// and do not begin with a dot.
  private static func survey(_ content: [UInt8]) -> (isEightBit: Bool, isTransparent: Bool) {
    let bytes = content.span
    var allBits: UInt8 = 0
    var isTransparent = bytes.count >= 2 && bytes[0] != dot && bytes[bytes.count - 1] == lf
    for index in bytes.indices {
      let byte = bytes[index]
      allBits |= byte
      if byte == lf {
        let isEnd = index > 0 && bytes[index - 1] == cr
        let isFollowedByDot = index + 1 < bytes.count && bytes[index + 1] == dot
        if !isEnd || isFollowedByDot { isTransparent = false }
      } else if byte == cr {
        if index + 1 == bytes.count || bytes[index + 1] != lf { isTransparent = false }
      }
    }
    return (allBits >= 0x80, isTransparent)
  }

  private static let cr = UInt8(ascii: "\r")
  private static let lf = UInt8(ascii: "\n")
  private static let dot = UInt8(ascii: ".")

  /// Whether both addresses can be written between angle brackets in a command.
  var hasSpeakableAddresses: Bool {
    [sender, recipient].allSatisfy { address in
      address.utf8.allSatisfy { $0 >= 0x80 || $0.isVisible && !"<>".utf8.contains($0) }
    }
  }

  /// The parameters of MAIL and RCPT that ask for a report of a failure or delay, with the header only
  /// (RFC 3461); `nil` when no report is evaluated.
  ///
  /// With ORCPT a report names this recipient even if the mail was forwarded; an address beyond ASCII
  /// would need another type of address (RFC 6533, section 3), which fewer servers know.
  var statusParameters: (mail: String, recipient: String)? {
    guard let identifier = envelopeID.map(XText.encode), identifier.utf8.count <= 100 else {
      return nil
    }
    let original = needsUTF8 ? "" : " ORCPT=rfc822;\(XText.encode(recipient))"
    return (" RET=HDRS ENVID=\(identifier)", " NOTIFY=FAILURE,DELAY\(original)")
  }

  /// Whether an address needs the SMTPUTF8 extension (RFC 6531).
  var needsUTF8: Bool {
    [sender, recipient].contains { address in address.utf8.contains { $0 >= 0x80 } }
  }

  /// The content as sent after DATA: every line ended by CRLF, a dot before each line that begins
  /// with one, and the final dot (RFC 5321, section 4.5.2).
  ///
  /// A lone CR or LF becomes CRLF: servers disagree about where such a line ends.
  var transparentContent: [UInt8] {
    let (cr, lf, dot) = (Self.cr, Self.lf, Self.dot)
    var output: [UInt8] = []
    output.reserveCapacity(content.count + content.count / 32 + 8)
    if isTransparent {
      output += content
      output += [dot, cr, lf]
      return output
    }
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
