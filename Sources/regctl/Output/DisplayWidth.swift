/// The columns that text takes on a terminal.
///
/// The C function `wcwidth` knows only ASCII here, since the process has the locale C.
enum DisplayWidth {
  /// The width of text.
  static func of(_ text: String) -> Int {
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 < 0x80 }) { return text.utf8.count }
    if text.utf8.contains(0x1b) { return of(withoutColors(text)) }
    return text.unicodeScalars.reduce(0) { $0 + of($1) }
  }

  /// Text without the colours of `StateColor`, the only ones: other text is escaped.
  private static func withoutColors(_ text: String) -> String {
    var plain = String.UnicodeScalarView()
    var isColor = false
    for scalar in text.unicodeScalars {
      if scalar == "\u{1B}" { isColor = true }
      if !isColor { plain.append(scalar) }
      if isColor, scalar == "m" { isColor = false }
    }
    return String(plain)
  }

  /// The width of a character: 0 for one that is drawn over the one before, 2 for a wide one.
  static func of(_ scalar: Unicode.Scalar) -> Int {
    if scalar.value < 0x300 { return 1 }
    // Makes some characters wide that are not by themselves.
    if scalar.value == 0xfe0f { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark: return 0
    default: break
    }
    // The vowels and finals of Hangul are drawn into the syllable.
    if (0x1160...0x11ff).contains(scalar.value) { return 0 }
    return isWide(scalar) ? 2 : 1
  }

  /// Whether a character is wide or fullwidth (UAX #11), or an emoji.
  private static func isWide(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.value < 0x1100 { return false }
    if scalar.properties.isEmojiPresentation { return true }
    return wide.contains { $0.contains(scalar.value) }
  }

  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115f, 0x2329...0x232a, 0x2e80...0x303e, 0x3041...0x4dbf, 0x4e00...0xa4cf,
    0xa960...0xa97f, 0xac00...0xd7a3, 0xf900...0xfaff, 0xfe10...0xfe19, 0xfe30...0xfe6f,
    0xff00...0xff60, 0xffe0...0xffe6, 0x16fe0...0x18aff, 0x1b000...0x1b2ff, 0x1f200...0x1f2ff,
    0x1f300...0x1f64f, 0x1f900...0x1f9ff, 0x20000...0x3fffd,
  ]

  // MARK: Cutting

  private static let mark = "…"

  /// Cuts text that is wider than some columns, with a mark at the end.
  static func cut(_ text: String, to width: Int) -> String {
    if of(text) <= width { return text }
    if width < 1 { return "" }
    return beginning(of: text[...], width: width - 1) + mark
  }

  /// Divides text into pieces that are not wider than some columns, `first` for the first one; each is
  /// at least a character.
  static func pieces(of text: String, first: Int, width: Int) -> [String] {
    var pieces: [String] = []
    var rest = text[...]
    while !rest.isEmpty {
      var piece = beginning(of: rest, width: pieces.isEmpty ? first : width)
      if piece.isEmpty { piece = String(rest[..<end(of: rest, at: rest.startIndex)]) }
      pieces.append(piece)
      rest =
        rest[rest.unicodeScalars.index(rest.startIndex, offsetBy: piece.unicodeScalars.count)...]
    }
    return pieces
  }

  /// The longest beginning of text that is not wider than some columns, and ends between two
  /// characters.
  private static func beginning(of text: Substring, width: Int) -> String {
    var taken = 0
    var index = text.startIndex
    while index < text.endIndex {
      let next = end(of: text, at: index)
      let more = text.unicodeScalars[index..<next].reduce(0) { $0 + of($1) }
      if taken + more > width { break }
      taken += more
      index = next
    }
    return String(text[..<index])
  }

  /// The end of the character at an index, with the marks that are drawn over it; an escape of
  /// `TerminalText`, such as `\u{1b}`, is one character.
  private static func end(of text: Substring, at start: Substring.Index) -> Substring.Index {
    let scalars = text.unicodeScalars
    var index = scalars.index(after: start)
    if let escaped = endOfEscape(in: scalars, at: start) { index = escaped }
    while index < scalars.endIndex, of(scalars[index]) == 0 { index = scalars.index(after: index) }
    return index
  }

  private static func endOfEscape(
    in scalars: Substring.UnicodeScalarView, at start: Substring.Index
  ) -> Substring.Index? {
    let rest = scalars[start...].prefix(10)
    guard rest.starts(with: "\\u{".unicodeScalars), let close = rest.firstIndex(of: "}") else {
      return nil
    }
    return scalars.index(after: close)
  }
}
