/// Hides tokens quoted in a server's reply, even if they are wrapped or encoded.
///
/// A server may quote a mail in its reply: folded, since the lines of a reply are joined by spaces,
/// in quoted-printable, or after `> `. The text is scanned twice for token characters only; the
/// second scan decodes quoted-printable. Both find pieces of a token by windows of eight
/// characters. Pieces with at least twenty characters in total are hidden; fewer are ordinary text.
struct TokenMask {
  private let tokens: [[UInt8]]

  /// The minimum number of characters that is hidden; fewer reveal no secret.
  static let hiddenCharacterCount = 20

  /// The number of characters of a token that stay visible, to identify it.
  private static let visibleCharacterCount = 6

  /// A mask for tokens that may be quoted.
  init(_ tokens: [String] = []) { self.tokens = tokens.map { Array($0.utf8) } }

  /// The text with every token hidden except for its first six characters.
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

  /// The windows of tokens that occur in a text.
  ///
  /// The table is built from the text, since most replies are short and hardly any quotes a mail.
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

  /// A run of adjacent characters that are also adjacent in a token.
  private struct Piece {
    /// Its range in the text, including the characters between.
    var place: Range<Int>

    /// The characters that stay visible.
    let opening: ArraySlice<UInt8>
  }

  /// The pieces of tokens found in a scan of the text, and their total number of characters.
  private func pieces(
    of quoted: TokenWindows, in reading: TokenReading
  ) -> (pieces: [Piece], characterCount: Int) {
    var pieces: [Piece] = []
    var characterCount = 0
    /// The position after the last character of the last piece.
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

  /// The visible characters of a piece: the first ones if a token begins there, otherwise none.
  private func opening(of characters: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBeginning = tokens.contains { $0.starts(with: characters) }
    return isBeginning ? characters.prefix(Self.visibleCharacterCount) : []
  }

  private static func hide(_ pieces: [Piece], in bytes: [UInt8]) -> String {
    var output: [UInt8] = []
    var end = 0
    for piece in pieces.sorted(by: { $0.place.lowerBound < $1.place.lowerBound })
    where piece.place.upperBound > end {
      // Both scans find mostly the same pieces.
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
