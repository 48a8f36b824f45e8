@testable import RegctlCore
@testable import regctl

/// Command lines: parsing them, and what is said about those that are invalid.
struct ArgumentsTarget: FuzzTarget {
  static let name = "argv"

  /// Each NUL ends an argument.
  func check(_ input: [UInt8]) {
    let words = input.split(separator: 0, omittingEmptySubsequences: false).map(Array.init)
    let arguments = ArgumentBytes(bytes: words)
    let parser = CommandLineParser(environment: [:])
    let parsed = parser.parse(arguments)
    switch parsed.result {
    case .success:
      Property.require(arguments.firstNotUTF8 == nil, "what is not UTF-8 is refused")
    case .failure(let error): requireMessage(Diagnostic(error))
    }
    requireHelp(words)
    for word in words { requireShellWord(String(decoding: word, as: UTF8.self)) }
  }

  private func requireMessage(_ diagnostic: Diagnostic) {
    Property.require(diagnostic.exitCode == .usage, "an invalid command line has its exit code")
    for text in [diagnostic.message, diagnostic.hint ?? ""] {
      Property.require(
        !text.unicodeScalars.contains { $0.value < 0x20 || (0x7f...0x9f).contains($0.value) },
        "a message is one line without control characters")
    }
  }

  /// Requires that `--help` before any other word is help.
  private func requireHelp(_ words: [[UInt8]]) {
    let arguments = ArgumentBytes(bytes: [Array("--help".utf8)] + words)
    guard arguments.firstNotUTF8 == nil else { return }
    let result = CommandLineParser(environment: [:]).parse(arguments).result
    guard case .success(let invocation) = result else {
      return Property.require(false, "help can be asked for on any command line")
    }
    Property.require(invocation.command is Help, "--help is help")
  }

  /// Requires that a shell reads a quoted word as the value that it stands for.
  private func requireShellWord(_ value: String) {
    guard let word = ShellWord(value) else {
      return Property.require(
        value.utf8.contains(0) || value.utf8.last == UInt8(ascii: "\n"),
        "a value that a shell can have is quoted")
    }
    Property.require(
      !word.text.unicodeScalars.contains(where: TerminalText.isDangerous),
      "a word for a shell is safe to display")
    Property.require(
      ShellReading.value(of: word.text) == Array(value.utf8), "a shell reads the value")
  }
}
