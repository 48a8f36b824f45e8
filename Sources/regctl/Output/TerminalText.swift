internal import Base
internal import RegctlCore

/// Escaping of untrusted text for a terminal.
enum TerminalText {
  /// Replaces control, bidirectional and invisible characters by `\u{…}`.
  ///
  /// An address or a server's reply could otherwise move the cursor, or hide or reverse text.
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

  /// Escapes each line of a text and keeps the line ends.
  static func escapeLines(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: isDangerous) else { return text }
    // By scalars: CRLF is one Character.
    return text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { escape(String($0)) }.joined(separator: "\n")
  }

  /// A value for an error message: escaped, in quotes, and truncated if long.
  ///
  /// For a value with the form of a secret only the length is shown: it may have been given in the
  /// wrong place, and messages are logged.
  static func quote(_ text: String) -> String {
    if SecretText.isSecret(text) { return "'…' (\(text.utf8.count) bytes)" }
    let limit = 80
    guard text.unicodeScalars.count > limit else { return "'\(escape(text))'" }
    var start = String.UnicodeScalarView()
    start.append(contentsOf: text.unicodeScalars.prefix(limit))
    return "'\(escape(String(start)))…' (\(text.utf8.count) bytes)"
  }

  /// Whether a character could move the cursor, or hide or reverse other text.
  static func isDangerous(_ scalar: Unicode.Scalar) -> Bool {
    scalar.isDangerousOnTerminal
  }
}
