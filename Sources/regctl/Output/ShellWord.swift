/// Text as one word of a POSIX shell, in printable characters only.
///
/// See section 2.2 of the Shell Command Language (POSIX.1-2017): a word with other than safe
/// characters is put between single quotes, in which no character is special. Control,
/// bidirectional and invisible characters must not be printed, and dash does not support `$'…'`;
/// such a word is written as `"$(printf '…')"` with octal escapes, which every shell supports.
struct ShellWord: Equatable, Sendable {
  /// The word as typed.
  let text: String

  /// Creates the word for a value; `nil` for a value that it cannot represent: one with NUL, which
  /// ends an argument, or with a newline at the end, which `$(…)` removes.
  init?(_ value: String) {
    if value.unicodeScalars.contains(where: TerminalText.isDangerous) {
      let bytes = Array(value.utf8)
      guard !bytes.contains(0), bytes.last != UInt8(ascii: "\n") else { return nil }
      text = "\"$(printf '\(Self.octal(bytes))')\""
    } else if !value.isEmpty, value.utf8.allSatisfy(Self.isSafe),
      value.utf8.first != UInt8(ascii: "=")
    {
      text = value
    } else {
      text = Self.quoted(value)
    }
  }

  /// The value between single quotes; a quote in it is written as `'\''`.
  private static func quoted(_ value: String) -> String {
    var word = "'"
    // By scalars: a quote with a combining accent is another Character, but a quote to a shell.
    for scalar in value.unicodeScalars {
      if scalar == "'" { word += #"'\'"# }
      word.unicodeScalars.append(scalar)
    }
    return word + "'"
  }

  /// Whether a byte needs no quoting in any shell.
  ///
  /// The exception is an equals sign at the beginning of a word, which zsh expands to a path.
  private static func isSafe(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"):
      true
    default: "@%+=:,./_-".utf8.contains(byte)
    }
  }

  /// A format of `printf`: a leading hyphen would be an option of it, and `%` a directive.
  private static func octal(_ bytes: [UInt8]) -> String {
    var format = ""
    for (index, byte) in bytes.enumerated() {
      let isPlain =
        isSafe(byte) && byte != UInt8(ascii: "%") && (index > 0 || byte != UInt8(ascii: "-"))
      if isPlain {
        format.unicodeScalars.append(Unicode.Scalar(byte))
      } else {
        let digits = String(byte, radix: 8)
        format += "\\" + String(repeating: "0", count: 3 - digits.count) + digits
      }
    }
    return format
  }
}
