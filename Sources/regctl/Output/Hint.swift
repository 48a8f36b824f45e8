internal import RegctlCore

/// The hint of a diagnostic: what to do next.
///
/// A hint is pasted into a shell, often together with the text around the command. So it is a
/// literal into which untrusted text can be interpolated in two ways only: in a command, or as a
/// quoted word. A command must be at the end.
struct Hint: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// One line of printable characters.
  let text: String

  /// Where the command at the end begins, in bytes of UTF-8; `nil` without a command.
  private let commandStart: Int?

  /// The command at the end, and what is before it.
  var parts: (prose: String, command: String?) {
    guard let commandStart else { return (text, nil) }
    let start = text.utf8.index(text.startIndex, offsetBy: commandStart)
    return (String(text[..<start]), String(text[start...]))
  }

  /// Creates a hint that is a command only.
  init(_ command: ShellCommand) { (text, commandStart) = (command.text, 0) }

  init(stringLiteral text: String) { (self.text, commandStart) = (text, nil) }

  init(stringInterpolation: StringInterpolation) {
    (text, commandStart) = (stringInterpolation.text, stringInterpolation.commandStart)
  }

  /// Collects the parts of a hint; a plain string is not one of them.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""
    fileprivate var commandStart: Int?

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }

    /// A command with its values.
    mutating func appendInterpolation(_ command: ShellCommand) {
      commandStart = text.utf8.count
      text += command.text
    }

    /// A hint within another.
    mutating func appendInterpolation(_ hint: Hint) {
      commandStart = hint.commandStart.map { text.utf8.count + $0 }
      text += hint.text
    }

    /// An integer in decimal digits.
    mutating func appendInterpolation(_ number: some BinaryInteger) { text += "\(number)" }

    /// A duration in words: `3 days`.
    mutating func appendInterpolation(_ duration: Duration) {
      text += TextRenderer.words(duration)
    }

    /// A time, to the minute.
    mutating func appendInterpolation(_ moment: Instant) { text += moment.displayText }

    /// The lines of a configuration that make a mapping, whose names are plain words.
    mutating func appendInterpolation(lines mapping: UsersMapping) {
      text += mapping.settings.map { "\($0.key) = \($0.value)" }.joined(separator: "; ")
    }

    /// A value in the text, readable and quoted for a shell where necessary.
    mutating func appendInterpolation(quoting value: String) {
      let escaped = TerminalText.escape(value)
      guard let word = ShellWord(escaped) else {
        preconditionFailure("what is escaped holds no control characters")
      }
      text += word.text
    }

    /// Values in the text, separated by commas.
    mutating func appendInterpolation(quoting values: [String]) {
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        appendInterpolation(quoting: value)
      }
    }
  }
}
