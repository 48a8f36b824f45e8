@testable import RegctlCore
@testable import SMTP

/// Replies of a server: read alike in any pieces, and what is made of them.
struct ReplyTarget: FuzzTarget {
  static let name = "reply"

  /// Each byte with the length of a piece is followed by that piece.
  func check(_ input: [UInt8]) {
    var pieces: [ArraySlice<UInt8>] = []
    var rest = input[...]
    while let count = rest.popFirst() {
      pieces.append(rest.prefix(Int(count)))
      rest = rest.dropFirst(Int(count))
    }
    let inPieces = Self.replies(pieces)
    let whole = Self.replies([Array(pieces.joined())[...]])
    Property.require(
      inPieces.replies == whole.replies && inPieces.fault == whole.fault,
      "replies do not depend on the pieces in which they arrive")
    for reply in whole.replies { requireReply(reply) }
  }

  private static func replies(
    _ pieces: [ArraySlice<UInt8>]
  ) -> (replies: [Reply], fault: ReplyParser.Fault?) {
    var parser = ReplyParser()
    var replies: [Reply] = []
    do throws(ReplyParser.Fault) {
      for piece in pieces {
        parser.append(piece)
        while let reply = try parser.next() { replies.append(reply) }
      }
    } catch {
      return (replies, error)
    }
    return (replies, nil)
  }

  private func requireReply(_ reply: Reply) {
    Property.require((200...559).contains(reply.code), "a code is one that exists")
    Property.require(
      (1...ReplyParser.maximumLineCount).contains(reply.lines.count), "a reply has lines")
    let capabilities = Capabilities(reply)
    Property.require(capabilities.maximumSize.map { $0 > 0 } ?? true, "a limit is positive")
    let excerpt = ReplyExcerpt.of(ScrambledText.hide(in: reply.text))
    Property.require(
      excerpt.utf8.count <= ReplyExcerpt.maximumByteCount, "what is stored of a reply is short")
    let status = EnhancedStatus(reply: reply.text)
    Property.require(
      status.map { $0.level == reply.code / 100 } ?? true, "a code agrees with the basic code")
    _ = RefusalCause(reply: reply.text)
    requireMask(reply.text)
  }

  /// Requires that a token in a reply is hidden.
  private func requireMask(_ text: String) {
    let token = "ImFubkBleGFtcGxlLm9yZyI.aSWZgA.3f9Qx0pT5uVw7yZ1aBcD2eFgH4k"
    let quoted = "\(text) \(token) \(text)"
    let hidden = TokenMask([token]).hidingTokens(in: quoted)
    Property.require(
      !hidden.utf8.contains(sequence: token.utf8.suffix(27)), "a token is not stored")
  }
}
