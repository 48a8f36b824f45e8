/// Lines that fit a terminal.
enum TextWrap {
  /// Breaks a line at blanks so that it fits some columns; the lines that continue it are indented.
  ///
  /// A word that is wider than a line is divided.
  static func lines(_ text: String, width: Int, indent: Int) -> [String] {
    if DisplayWidth.of(text) <= width { return [text] }
    let indent = min(indent, max(width - 20, width / 2))
    let margin = String(repeating: " ", count: indent)
    var lines: [String] = []
    var line = ""
    var isEmpty = true
    for (blanks, word) in words(of: text) {
      if DisplayWidth.of(line + blanks + word) <= width {
        line += blanks + word
      } else if DisplayWidth.of(word) <= width - indent {
        if !isEmpty { lines.append(line) }
        line = margin + word
      } else {
        var room = width - DisplayWidth.of(line + blanks)
        if room >= min(leastPiece, width / 2) {
          line += blanks
        } else {
          if !isEmpty { lines.append(line) }
          line = margin
          room = width - indent
        }
        let pieces = DisplayWidth.pieces(of: word, first: room, width: width - indent)
        for (index, piece) in pieces.enumerated() {
          if index > 0 { lines.append(line) }
          line = (index > 0 ? margin : line) + piece
        }
      }
      isEmpty = false
    }
    return lines + [line]
  }

  /// The least width of the beginning of a divided word.
  private static let leastPiece = 8

  /// The words of a line, each with the blanks before it.
  private static func words(of text: String) -> [(blanks: String, word: String)] {
    var words: [(blanks: String, word: String)] = []
    var rest = text.unicodeScalars[...]
    while !rest.isEmpty {
      let blanks = rest.prefix { $0 == " " }
      let word = rest.dropFirst(blanks.count).prefix { $0 != " " }
      if !word.isEmpty { words.append((String(blanks), String(word))) }
      rest = rest.dropFirst(blanks.count + word.count)
    }
    return words
  }

  /// Breaks a command so that it can still be pasted: each line but the last ends with a backslash.
  static func command(_ text: String, width: Int) -> [String] {
    if DisplayWidth.of(text) <= width { return [text] }
    var lines: [String] = []
    var line = ""
    for (blanks, word) in words(of: text) {
      let joined = line + blanks + word
      if DisplayWidth.of(joined) <= width - 2 {
        line = joined
        continue
      }
      // Without a blank before, so that a divided word stays one.
      if !line.isEmpty { lines.append(line + " \\") }
      let pieces = DisplayWidth.pieces(of: word, first: width - 2, width: width - 2)
      lines += pieces.dropLast().map { $0 + "\\" }
      line = pieces.last ?? ""
    }
    return lines + [line]
  }
}
