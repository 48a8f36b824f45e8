internal import Base

/// One header field of a message, folded and encoded (RFC 5322, RFC 2047).
enum HeaderField {
  /// A field with a body of ASCII words, which may be folded at spaces.
  static func structured(_ name: String, _ body: String) -> [UInt8] {
    if name.utf8.count + 2 + body.utf8.count <= 76 { return Array("\(name): \(body)\r\n".utf8) }
    return fold(name: name, words: body.split(separator: " ", omittingEmptySubsequences: true))
  }

  /// A field of unstructured text: unchanged if plain ASCII, otherwise as encoded words.
  static func text(_ name: String, _ body: String) -> [UInt8] {
    isPlain(body) ? structured(name, body) : fold(name: name, words: encodedWords(body))
  }

  /// A field with one mailbox.
  static func mailbox(_ name: String, _ mailbox: Mailbox) -> [UInt8] {
    guard let displayName = mailbox.displayName, !displayName.isEmpty else {
      return structured(name, mailbox.address)
    }
    let phrase =
      isPlain(displayName)
      ? quoted(displayName).split(separator: " ") : encodedWords(displayName)
    return fold(name: name, words: phrase + ["<\(mailbox.address)>"[...]])
  }

  /// Encoded words, with no character split between two (RFC 2047, section 5; 75 bytes each).
  static func encodedWords(_ text: String) -> [Substring] {
    let opening = "=?UTF-8?B?"
    let closing = "?="
    let capacity = (wordLimit - opening.utf8.count - closing.utf8.count) / 4 * 3
    var words: [Substring] = []
    var pending: [UInt8] = []
    for scalar in text.unicodeScalars {
      let bytes = Array(String(Character(scalar)).utf8)
      if pending.count + bytes.count > capacity {
        words.append("\(opening)\(Base64.standard.encode(pending))\(closing)"[...])
        pending = []
      }
      pending += bytes
    }
    if !pending.isEmpty {
      words.append("\(opening)\(Base64.standard.encode(pending))\(closing)"[...])
    }
    return words
  }

  private static func quoted(_ phrase: String) -> String {
    let isAtoms = phrase.utf8.allSatisfy { byte in
      byte == UInt8(ascii: " ") || isAtomText(byte)
    }
    if isAtoms { return phrase }
    var escaped = ""
    for scalar in phrase.unicodeScalars {
      if scalar == "\"" || scalar == "\\" { escaped.unicodeScalars.append("\\") }
      escaped.unicodeScalars.append(scalar)
    }
    return "\"\(escaped)\""
  }

  /// Whether a byte is allowed in an atom (RFC 5322, section 3.2.3).
  private static func isAtomText(_ byte: UInt8) -> Bool {
    byte.isLetterOrDigit || "!#$%&'*+-/=?^_`{|}~".utf8.contains(byte)
  }

  /// Whether text needs no encoding: printable ASCII in words that folding does not change.
  private static func isPlain(_ text: String) -> Bool {
    let bytes = text.utf8
    guard bytes.allSatisfy(\.isPrintable) else { return false }
    if bytes.contains(UInt8(ascii: "=")), bytes.contains(sequence: "=?".utf8) { return false }
    let words = bytes.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
    return words.allSatisfy { (1...wordLimit).contains($0.count) }
  }

  /// The length of the longest word that fits on one line after any field name.
  private static let wordLimit = 60

  /// Joins words with spaces, starting a new line before a word that would pass column 76.
  private static func fold(name: String, words: [Substring]) -> [UInt8] {
    var output = Array(name.utf8) + [UInt8(ascii: ":")]
    var width = output.count
    var isFirst = true
    for word in words {
      if width + 1 + word.utf8.count > 76, !isFirst {
        output += Array("\r\n".utf8)
        width = 0
      }
      output.append(UInt8(ascii: " "))
      output += Array(word.utf8)
      width += 1 + word.utf8.count
      isFirst = false
    }
    return output + Array("\r\n".utf8)
  }
}

extension Sequence<UInt8> {
  /// Whether another sequence of bytes occurs in this one, contiguously.
  package func contains(sequence other: some Sequence<UInt8>) -> Bool {
    let needle = Array(other)
    var window: [UInt8] = []
    for byte in self {
      window.append(byte)
      if window.count > needle.count { window.removeFirst() }
      if window == needle { return true }
    }
    return needle.isEmpty
  }
}
