/// The part of a reply from a server or mail program that is stored and shown.
enum ReplyExcerpt {
  static let maximumByteCount = 1024

  /// A reply with the tokens of a mask hidden, truncated to 1 KiB.
  static func of(_ words: String, hiding mask: TokenMask = TokenMask()) -> String {
    // In this order: truncation could leave a part of a token that is too short to be found.
    cut(mask.hidingTokens(in: words))
  }

  /// Truncates between two characters, with a note.
  private static func cut(_ words: String) -> String {
    if words.utf8.count <= maximumByteCount { return words }
    let mark = "…"
    var end = words.utf8.index(words.startIndex, offsetBy: maximumByteCount - mark.utf8.count)
    while end.samePosition(in: words.unicodeScalars) == nil { words.utf8.formIndex(before: &end) }
    return words[..<end] + mark
  }
}
