internal import Base

/// Hides what may be a token in words about a mail whose token is not known any more.
///
/// The signature of a token is 27 characters of base64. A text of twenty or more such characters, with
/// digits, capitals and small letters, is hidden but for its beginning; one blank between two such texts
/// counts for nothing, because a server may have folded what it quotes.
enum ScrambledText {
  private static let leastCount = 20
  private static let visibleCount = 6

  /// The words with such texts hidden.
  static func hide(in words: String) -> String {
    let bytes = Array(words.utf8)
    var output: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let end = self.end(of: bytes, from: index)
      if end == index {
        output.append(bytes[index])
        index += 1
        continue
      }
      let text = bytes[index..<end]
      let characters = text.filter(isCharacter)
      if characters.count >= leastCount, isMixed(characters[...]) {
        output += characters.prefix(visibleCount)
        output += "…".utf8
      } else {
        output += text
      }
      index = end
    }
    return String(decoding: output, as: UTF8.self)
  }

  /// The end of the text that begins at a position, over folds.
  private static func end(of bytes: [UInt8], from start: Int) -> Int {
    var end = run(in: bytes, from: start)
    while end > start, isMixed(bytes[start..<end]) {
      var next = end
      // A soft line break of quoted-printable, and the blank that a fold left.
      if next < bytes.count, bytes[next] == UInt8(ascii: "=") { next += 1 }
      if next < bytes.count, bytes[next] == UInt8(ascii: " ") { next += 1 }
      let following = run(in: bytes, from: next)
      guard next > end, isMixed(bytes[next..<following]) else { break }
      end = following
    }
    return end
  }

  private static func run(in bytes: [UInt8], from start: Int) -> Int {
    var end = start
    while end < bytes.count, isCharacter(bytes[end]) { end += 1 }
    return end
  }

  private static func isCharacter(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
  }

  /// Whether letters and digits are mixed as in base64.
  private static func isMixed(_ bytes: ArraySlice<UInt8>) -> Bool {
    bytes.contains(where: \.isDigit) && bytes.contains(where: \.isCapital)
      && bytes.contains(where: \.isSmallLetter)
  }
}
