/// What to type or to do next.
///
/// A hint is pasted into a shell, often with the words around it. So it is a literal in which text
/// from outside can stand in two ways only: inside a command, or as a quoted word. A command stands
/// at the end.
struct Hint: Equatable, Sendable, ExpressibleByStringInterpolation {
  /// One line of printable characters.
  let text: String

  /// A command and nothing else.
  init(_ command: ShellCommand) { text = command.text }

  init(stringLiteral text: String) { self.text = text }

  init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

  /// Collects the parts of a hint; a plain string is not one of them.
  struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var text = ""

    init(literalCapacity: Int, interpolationCount: Int) {}

    mutating func appendLiteral(_ literal: String) { text += literal }

    /// A command with its values.
    mutating func appendInterpolation(_ command: ShellCommand) { text += command.text }

    /// A hint within another.
    mutating func appendInterpolation(_ hint: Hint) { text += hint.text }

    /// A number in digits.
    mutating func appendInterpolation(_ number: some BinaryInteger) { text += "\(number)" }

    /// A length of time in words: `3 days`.
    mutating func appendInterpolation(_ duration: Duration) {
      text += TextRenderer.words(duration)
    }

    /// A value among the words: as a person reads it, and between quotes where a shell needs them.
    mutating func appendInterpolation(quoting value: String) {
      let escaped = TerminalText.escape(value)
      guard let word = ShellWord(escaped) else {
        preconditionFailure("what is escaped holds no control characters")
      }
      text += word.text
    }

    /// Values among the words, with commas between them.
    mutating func appendInterpolation(quoting values: [String]) {
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        appendInterpolation(quoting: value)
      }
    }
  }
}
