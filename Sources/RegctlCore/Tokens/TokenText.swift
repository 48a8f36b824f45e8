/// A token as received: typed, pasted, or damaged in a mail.
package struct TokenText: Equatable, Sendable {
  /// The given text.
  package let raw: [UInt8]

  /// The token after repairs; equal to `raw` when there were none.
  package let repaired: [UInt8]

  /// The repairs. A whole link in place of a token is not damage.
  package let repairs: [Repair]

  /// A kind of damage caused by mail programs, browsers or pasting.
  package enum Repair: String, CaseIterable, Sendable {
    case blanks
    case softLineBreak = "soft_line_break"
    case quotedPrintable = "quoted_printable"
    case htmlEscape = "html_escape"
    case brackets
    case trailingPunctuation = "trailing_punctuation"
  }

  /// Repairs a token, or a link that contains one.
  package init(_ given: [UInt8]) {
    raw = given
    // Text of a megabyte is not a damaged token.
    guard given.count <= 2 * TokenSigner.maximumTokenByteCount else {
      (repaired, repairs) = (given, [])
      return
    }
    var text = given
    var done: [Repair] = []
    for repair in Repair.allCases {
      if repair == .trailingPunctuation { text = Self.tokenOfLink(text) }
      let changed = Self.undo(repair, in: text)
      if changed != text {
        text = changed
        done.append(repair)
      }
    }
    (repaired, repairs) = (text, done)
  }

  private static func undo(_ repair: Repair, in text: [UInt8]) -> [UInt8] {
    switch repair {
    case .blanks:
      let inner = text.drop(while: isBlank)
      return Array(inner.prefix(inner.count - inner.reversed().prefix(while: isBlank).count))
    case .softLineBreak:
      let joined = replacing("=\n", in: replacing("=\r\n", in: text, by: ""), by: "")
      return joined.filter { !isBlank($0) }
    case .quotedPrintable:
      // Only characters that our own mails encode: equals signs, and dots at the beginning of a
      // line.
      let equals = replacing("=3d", in: replacing("=3D", in: text, by: "="), by: "=")
      return replacing("=2e", in: replacing("=2E", in: equals, by: "."), by: ".")
    case .htmlEscape:
      return replacing("&amp;", in: text, by: "&")
    case .brackets:
      return Array(
        text.drop { "<(\"'[".utf8.contains($0) }.trimmingSuffix { ">)\"']".utf8.contains($0) })
    case .trailingPunctuation:
      return Array(text[...].trimmingSuffix { ".,;:!?>)".utf8.contains($0) })
    }
  }

  /// The part of a link that looks like a token: the last with two dots and a signature.
  private static func tokenOfLink(_ text: [UInt8]) -> [UInt8] {
    guard text.contains(UInt8(ascii: "/")) else { return text }
    let parts = text.split { "/?&#=".utf8.contains($0) }
    let token = parts.last { part in
      let pieces = part[...].trimmingSuffix { ".,;:!?>)".utf8.contains($0) }
        .split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
      return pieces.count >= 3 && (pieces.last?.count ?? 0) >= 27
    }
    return Array(token ?? parts.last ?? [])
  }

  private static func isBlank(_ byte: UInt8) -> Bool {
    byte == 0x20 || (0x09...0x0d).contains(byte)
  }

  private static func replacing(_ old: String, in text: [UInt8], by new: String) -> [UInt8] {
    let needle = Array(old.utf8)
    guard text.count >= needle.count else { return text }
    var output: [UInt8] = []
    var rest = text[...]
    while let byte = rest.first {
      if rest.starts(with: needle) {
        output += Array(new.utf8)
        rest = rest.dropFirst(needle.count)
      } else {
        output.append(byte)
        rest = rest.dropFirst()
      }
    }
    return output
  }
}

extension ArraySlice<UInt8> {
  fileprivate func trimmingSuffix(while predicate: (UInt8) -> Bool) -> ArraySlice<UInt8> {
    prefix(count - reversed().prefix(while: predicate).count)
  }
}
