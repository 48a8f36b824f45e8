internal import Base
internal import RegctlCore

extension Diagnostic {
  /// The words for a command line that makes no sense: one error, one suggestion, one pointer.
  init(_ error: UsageError) {
    let help =
      error.command.map { ShellCommand("regctl help", $0) } ?? "regctl help"
    func make(
      _ message: String, code: ErrorCode = .usage, suggestion: String? = nil
    ) -> Diagnostic {
      let question: Hint = suggestion.map { "did you mean \(quoting: $0)? " } ?? ""
      return Diagnostic(code, .usage, message, hint: "\(question)see '\(help)'")
    }
    let quote = TerminalText.quote
    switch error.fault {
    case .noCommand:
      self = make("no command given")
    case .unknownCommand(let name, let suggestion):
      self = make("unknown command \(quote(name))", code: .unknownCommand, suggestion: suggestion)
    case .unknownTopic(let name, let suggestion):
      self = make(
        "no command or topic \(quote(name))", code: .unknownCommand, suggestion: suggestion)
    case .unknownOption(let option, let suggestion):
      self = make(
        "unknown option \(quote(option))", code: .unknownOption, suggestion: suggestion)
    case .missingValue(let option, let value):
      self = make("\(option) needs a value: \(value)", code: .missingValue)
    case .unexpectedValue(let option):
      self = make("\(option) takes no value")
    case .repeatedOption(let option):
      self = make("\(option) is given twice with different values")
    case .conflict(let one, let other):
      self = make("\(one) and \(other) contradict each other")
    case .requires(let one, let other):
      self = make("\(one) needs \(other)", code: .missingValue)
    case .invalidValue(let option, let value, let expected):
      let (words, suggestion) = Self.words(for: expected)
      self = make(
        "\(option) cannot be \(quote(value)): \(words)", code: .invalidValue,
        suggestion: suggestion)
    case .missingOperand(let name):
      self = make("\(name) is missing", code: .missingValue)
    case .unexpectedOperand(let word):
      self = make("unexpected operand \(quote(word))")
    case .operandOrPassword(let position):
      self = Diagnostic(
        .usage, .usage,
        "unexpected operand \(position): a password is never given on the command line",
        hint: "use --password-file; see '\(help)'")
    case .notUTF8(let position):
      self = make("an argument is not UTF-8 (number \(position))", code: .invalidValue)
    case .needsInput(let what, let options):
      self = Diagnostic(
        .needsInput, .usage, "\(what), and there is no terminal to ask", hint: "use \(options)")
    }
  }

  private static func words(
    for expected: UsageError.Expectation
  ) -> (words: String, suggestion: String?) {
    switch expected {
    case .choice(let choices, let suggestion):
      ("it is one of \(choices.joined(separator: ", "))", suggestion)
    case .duration(let fault):
      words(for: fault)
    case .finiteDuration:
      ("a length of time is needed, such as 5s", nil)
    case .timeLimit:
      ("a time limit of at least 1s is needed, such as 10m; without the option there is none", nil)
    case .number:
      ("a number from 1 is needed", nil)
    case .fields(let names, let suggestion):
      ("the fields are \(names.joined(separator: ","))", suggestion)
    case .text:
      ("one line of text of at most 1000 bytes is needed", nil)
    case .domain:
      ("a domain is needed, such as example.org", nil)
    case .format(let words):
      (words, nil)
    }
  }

  static func words(for fault: TimeSpan.Fault) -> (words: String, suggestion: String?) {
    switch fault {
    case .malformed: ("a length of time is an integer with s, m, h, d or w, or never", nil)
    case .missingUnit(let suggestion): ("the unit is missing: s, m, h, d or w", suggestion)
    case .tooLarge: ("that is more than ten thousand years; there is also never", nil)
    }
  }
}
