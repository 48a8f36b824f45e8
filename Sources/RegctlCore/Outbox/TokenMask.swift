/// Hides tokens in what a server says, however it has wrapped them.
///
/// A server may quote a mail in its reply: folded, as lines of a reply are joined by blanks, in
/// quoted-printable, behind `> `. Two readings of the text leave out every character that no token
/// holds; the second undoes quoted-printable before. In both, pieces of a token are found by windows
/// of eight characters. Pieces that have twenty characters together are hidden; fewer are ordinary
/// text.
struct TokenMask {
  private let tokens: [[UInt8]]

  /// So few characters of a token are no secret.
  static let hiddenCharacterCount = 20

  /// So many characters of a token are left, to tell what was there.
  private static let visibleCharacterCount = 6

  /// A mask for tokens that may be quoted.
  init(_ tokens: [String] = []) { self.tokens = tokens.map { Array($0.utf8) } }

  /// The text with every token hidden, of which the first six characters are left.
  func hidingTokens(in text: String) -> String {
    if tokens.isEmpty || text.utf8.count < Self.hiddenCharacterCount { return text }
    let bytes = Array(text.utf8)
    var readings = [TokenReading(bytes, decodesQuotedPrintable: false)]
    if bytes.contains(UInt8(ascii: "=")) {
      readings.append(TokenReading(bytes, decodesQuotedPrintable: true))
    }
    let quoted = quotedWindows(in: readings)
    if quoted.isEmpty { return text }
    let findings = readings.map { pieces(of: quoted, in: $0) }
    guard findings.contains(where: { $0.characterCount >= Self.hiddenCharacterCount }) else {
      return text
    }
    return Self.hide(findings.flatMap(\.pieces), in: bytes)
  }

  /// The windows of tokens that are in a text.
  ///
  /// The table is that of the text: this is asked about each reply, most have few characters, and
  /// hardly any quotes a mail.
  private func quotedWindows(in readings: [TokenReading]) -> TokenWindows {
    var present = TokenWindows(capacity: readings.reduce(0) { $0 + $1.characters.count })
    for reading in readings {
      TokenWindows.forEach(in: reading.characters) { window, _ in present.insert(window) }
    }
    var found: [UInt64] = []
    for token in tokens {
      TokenWindows.forEach(in: token) { window, _ in
        if present.contains(window) { found.append(window) }
      }
    }
    var quoted = TokenWindows(capacity: found.count)
    for window in found { quoted.insert(window) }
    return quoted
  }

  /// A run of characters that stand side by side in tokens too.
  private struct Piece {
    /// Where it is in the text, with all that stands in between.
    var place: Range<Int>

    /// What is left visible.
    let opening: ArraySlice<UInt8>
  }

  /// The pieces of tokens in a reading of a text, and how many characters they have together.
  private func pieces(
    of quoted: TokenWindows, in reading: TokenReading
  ) -> (pieces: [Piece], characterCount: Int) {
    var pieces: [Piece] = []
    var characterCount = 0
    /// Behind the last character of the last piece.
    var end = 0
    TokenWindows.forEach(in: reading.characters) { window, range in
      guard quoted.contains(window) else { return }
      let last = reading.places[range.upperBound - 1]
      if let index = pieces.indices.last, range.lowerBound < end {
        pieces[index].place = pieces[index].place.lowerBound..<last.upperBound
      } else {
        let place = reading.places[range.lowerBound].lowerBound..<last.upperBound
        pieces.append(Piece(place: place, opening: opening(of: reading.characters[range])))
      }
      characterCount += range.upperBound - max(range.lowerBound, end)
      end = range.upperBound
    }
    return (pieces, characterCount)
  }

  /// What is left visible of characters: the first of them where a token begins, else nothing.
  private func opening(of characters: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBeginning = tokens.contains { $0.starts(with: characters) }
    return isBeginning ? characters.prefix(Self.visibleCharacterCount) : []
  }

  private static func hide(_ pieces: [Piece], in bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    var end = 0
    for piece in pieces.sorted(by: { $0.place.lowerBound < $1.place.lowerBound })
    where piece.place.upperBound > end {
      // The two readings find much the same.
      if piece.place.lowerBound >= end {
        output += bytes[end..<piece.place.lowerBound]
        output += piece.opening
        output += "…".utf8
      }
      end = piece.place.upperBound
    }
    output += bytes[end...]
    return String(decoding: output, as: UTF8.self)
  }
}
