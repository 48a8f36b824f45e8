/// What is kept and shown of the words of a server, or of a program that takes mail.
enum ReplyExcerpt {
  static let maximumByteCount = 1024

  /// The words without the tokens that a mask hides, and of what is left at most 1 KiB.
  static func of(_ words: String, hiding mask: TokenMask = TokenMask()) -> String {
    // In this order: of a token that is cut through, a part might be too short to be found.
    cut(mask.hidingTokens(in: words))
  }

  /// Cuts between two characters, and says so.
  private static func cut(_ words: String) -> String {
    if words.utf8.count <= maximumByteCount { return words }
    let mark = "…"
    var end = words.utf8.index(words.startIndex, offsetBy: maximumByteCount - mark.utf8.count)
    while end.samePosition(in: words.unicodeScalars) == nil { words.utf8.formIndex(before: &end) }
    return words[..<end] + mark
  }
}
