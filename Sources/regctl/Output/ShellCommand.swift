internal import RegctlCore
internal import System

/// A command line that is safe to paste into a shell, with any values.
///
/// Addresses are untrusted, and an application's database may contain invalid ones.
struct ShellCommand: Equatable, Sendable, ExpressibleByStringLiteral {
  /// The command line in printable characters.
  let text: String

  /// Creates a command of literal words, with values of options and operands.
  ///
  /// `--` precedes the operands if one begins with a hyphen. A value that a shell word cannot
  /// represent is replaced by `VALUE`.
  init(
    _ command: StaticString, _ operands: String...,
    options: KeyValuePairs<StaticString, String> = [:]
  ) {
    // One word, since the value may look like an option.
    let valued = options.map { name, value in
      Self.isOption(value) ? "\(name)=\(Self.word(value))" : "\(name) \(Self.word(value))"
    }
    let words = operands.map(Self.word)
    let rest =
      operands.contains(where: Self.isOption) ? valued + ["--"] + words : words + valued
    text = (["\(command)"] + rest).joined(separator: " ")
  }

  /// Creates a command that runs as another user.
  init(as user: User, _ command: ShellCommand) {
    let name = Self.word(user.name ?? "#\(user.uid)")
    text = "sudo -u \(name) \(command.text)"
  }

  /// Creates a command without values.
  init(stringLiteral text: StaticString) { self.text = "\(text)" }

  private static func word(_ value: String) -> String { ShellWord(value)?.text ?? "VALUE" }

  private static func isOption(_ value: String) -> Bool { value.utf8.first == UInt8(ascii: "-") }
}
