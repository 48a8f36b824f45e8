internal import Base
internal import RegctlCore

extension Diagnostic {
  /// Creates the diagnostic for an invalid command line, with a suggestion and a reference to help.
  init(_ error: UsageError) {
    let help =
      error.command.map { ShellCommand("regctl help", $0) } ?? "regctl help"
    func make(
      _ message: String, code: ErrorCode = .usage, suggestion: String? = nil
    ) -> Diagnostic {
      make(message, code: code, suggestions: suggestion.map { [$0] } ?? [])
    }
    func make(
      _ message: String, code: ErrorCode = .usage, suggestions: [String]
    ) -> Diagnostic {
      Diagnostic(
        code, .usage, message, hint: "\(Self.question(about: suggestions))see '\(help)'")
    }
    let quote = TerminalText.quote
    switch error.fault {
    case .noCommand:
      self = make("no command given")
    case .unknownCommand(let name, let suggestions):
      self = make("unknown command \(quote(name))", code: .unknownCommand, suggestions: suggestions)
    case .unknownTopic(let name, let suggestions):
      self = make(
        "no command or topic \(quote(name))", code: .unknownCommand, suggestions: suggestions)
    case .unknownOption(let option, let suggestion):
      self = make(
        "unknown option \(quote(option))", code: .unknownOption, suggestion: suggestion)
    case .missingValue(let option, let value):
      self = make("\(option) requires a value: \(value)", code: .missingValue)
    case .unexpectedValue(let option):
      self = make("\(option) does not take a value")
    case .repeatedOption(let option):
      self = make("\(option) is given twice with different values")
    case .conflict(let one, let other):
      self = make("\(one) and \(other) cannot be used together")
    case .requires(let one, let other):
      self = make("\(one) requires \(other)", code: .missingValue)
    case .invalidValue(let option, let value, let expected):
      let (words, suggestion) = Self.words(for: expected)
      self = make(
        "invalid value \(quote(value)) for \(option): \(words)", code: .invalidValue,
        suggestion: suggestion)
    case .missingOperand(let name):
      self = make("\(name) is missing", code: .missingValue)
    case .unexpectedOperand(let word):
      self = make("unexpected operand \(quote(word))")
    case .operandOrPassword(let position):
      self = Diagnostic(
        .usage, .usage,
        "unexpected operand \(position): passwords are not accepted on the command line",
        hint: "use --password-file; see '\(help)'")
    case .addressForToken(let address, let instead):
      self = Diagnostic(
        .invalidValue, .usage, "\(quote(address)) is an address, not a token or link",
        hint: instead)
    case .notUTF8(let position):
      self = make("argument \(position) is not UTF-8", code: .invalidValue)
    case .needsInput(let what, let options):
      self = Diagnostic(
        .needsInput, .usage, "\(what), and there is no terminal to ask on", hint: "use \(options)")
    case .reasonRequired:
      self = Diagnostic(
        .missingValue, .usage, "every change needs a reason here (require_reason = yes)",
        hint: "add --reason TEXT")
    }
  }

  /// What may be meant: `did you mean unprune or undelete? `.
  private static func question(about suggestions: [String]) -> Hint {
    guard let first = suggestions.first else { return "" }
    var words: Hint = "did you mean \(quoting: first)"
    for suggestion in suggestions.dropFirst() { words = "\(words) or \(quoting: suggestion)" }
    return "\(words)? "
  }

  private static func words(
    for expected: UsageError.Expectation
  ) -> (words: String, suggestion: String?) {
    switch expected {
    case .choice(let choices, let suggestion):
      ("must be one of \(choices.joined(separator: ", "))", suggestion)
    case .duration(let fault):
      words(for: fault)
    case .finiteDuration:
      ("must be a duration such as 5s", nil)
    case .timeLimit:
      ("must be at least 1s, such as 10m; omit the option for no limit", nil)
    case .number:
      ("must be a positive integer", nil)
    case .fields(let names, let suggestion):
      ("must be one or more of \(names.joined(separator: ","))", suggestion)
    case .text:
      ("must be one line of at most 1000 bytes", nil)
    case .domain:
      ("must be a domain such as example.org", nil)
    case .renaming:
      ("must be COLUMN=NAME, or COLUMN=none to leave the column out", nil)
    case .columnName(let suggestion):
      ("the table has no such column", suggestion)
    case .format(let words):
      (words, nil)
    }
  }

  static func words(for fault: TimeSpan.Fault) -> (words: String, suggestion: String?) {
    switch fault {
    case .malformed: ("must be an integer with the unit s, m, h, d or w, or never", nil)
    case .missingUnit(let suggestion): ("missing unit: s, m, h, d or w", suggestion)
    case .tooLarge: ("must be at most ten thousand years, or never", nil)
    }
  }
}
