internal import Base
internal import RegctlCore

/// Text from outside, made harmless for a terminal.
enum TerminalText {
  /// Replaces control, bidirectional and invisible characters by `\u{…}`.
  ///
  /// An address or a server's reply could otherwise move the cursor, hide words or turn them round.
  static func escape(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isDangerous) else { return text }
    var output = ""
    for scalar in text.unicodeScalars {
      if isDangerous(scalar) {
        output += "\\u{\(String(scalar.value, radix: 16))}"
      } else {
        output.unicodeScalars.append(scalar)
      }
    }
    return output
  }

  /// The same for text of several lines, whose ends stay as they are.
  static func escapeLines(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isDangerous) else { return text }
    // By scalars: CRLF is one character to Swift.
    return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { escape(String($0)) }.joined(separator: "\n")
  }

  /// A value in an error message: escaped, in quotes, and cut when it is long.
  ///
  /// Of what has the form of a secret only the length is told: a word can be typed, or a line stand,
  /// where it does not belong, and messages end up in logs.
  static func quote(_ text: String) -> String {
    if SecretText.isSecret(text) { return "'…' (\(text.utf8.count) bytes)" }
    let limit = 80
    guard text.unicodeScalars.count > limit else { return "'\(escape(text))'" }
    var start = String.UnicodeScalarView()
    start.append(contentsOf: text.unicodeScalars.prefix(limit))
    return "'\(escape(String(start)))…' (\(text.utf8.count) bytes)"
  }

  /// Whether a character could move the cursor, hide other text or turn it round.
  static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isDangerousOnTerminal
  }
}
