internal import RegctlCore
internal import System

/// A command line that does what it says when it is pasted into a shell, whatever its values hold.
///
/// Addresses are chosen by strangers, and an application's database may hold invalid ones.
struct ShellCommand: Equatable, Sendable, ExpressibleByStringLiteral {
  /// The line in printable characters.
  let text: String

  /// A command of words of our own, with values as operands and of options.
  ///
  /// `--` stands before operands of which one begins with a hyphen. A value that no shell can be
  /// given is replaced by the word `VALUE`.
  init(
    _ command: StaticString, _ operands: String...,
    options: KeyValuePairs<StaticString, String> = [:]
  ) {
    // In one word with its value, which may look like an option.
    let valued = options.map { name, value in
      Self.isOption(value) ? "\(name)=\(Self.word(value))" : "\(name) \(Self.word(value))"
    }
    let words = operands.map(Self.word)
    let rest =
      operands.contains(where: Self.isOption) ? valued + ["--"] + words : words + valued
    text = (["\(command)"] + rest).joined(separator: " ")
  }

  /// A command that another user of this machine is to run.
  init(as user: User, _ command: ShellCommand) {
    let name = Self.word(user.name ?? "#\(user.uid)")
    text = "sudo -u \(name) \(command.text)"
  }

  /// A command without values.
  init(stringLiteral text: StaticString) { self.text = "\(text)" }

  private static func word(_ value: String) -> String { ShellWord(value)?.text ?? "VALUE" }

  private static func isOption(_ value: String) -> Bool { value.utf8.first == UInt8(ascii: "-") }
}
