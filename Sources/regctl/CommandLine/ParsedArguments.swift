internal import Base
internal import RegctlCore

/// The arguments of one command, separated into options and operands, with unparsed values.
struct ParsedArguments: Sendable {
  /// The command that errors name; `nil` for global options.
  let command: String?
  var operands: [String] = []
  private var values: [(option: String, value: String, flag: String)] = []
  private var switches: [String] = []

  init(command: String?) { self.command = command }

  /// Records a switch; repeating it has no effect.
  mutating func set(_ option: OptionUsage) { switches.append(option.long) }

  /// Records a value; a second, different one is an error unless the option is repeatable.
  /// Errors name the option as it was typed, if that was an older spelling.
  mutating func set(
    _ option: OptionUsage, to value: String, typedAs name: String? = nil
  ) throws(UsageError) {
    if !option.isRepeatable, let earlier = text(of: option), !earlier.utf8.elementsEqual(value.utf8)
    {
      throw error(.repeatedOption(option.flag))
    }
    let flag = name.flatMap { option.synonyms.contains($0) ? $0 : nil } ?? option.flag
    values.append((option.long, value, flag))
  }

  // MARK: Options

  /// Whether a switch was given.
  subscript(_ option: Switch) -> Bool { switches.contains(option.usage.long) }

  /// The value of an option, if given; throws if it is invalid.
  subscript<Value>(_ option: Option<Value>) -> Value? {
    get throws(UsageError) {
      guard let text = text(of: option.usage) else { return nil }
      do throws(UsageError.Expectation) {
        return try option.parse(text)
      } catch {
        throw invalid(option, text, error)
      }
    }
  }

  /// The values of an option, in the order given; throws if one is invalid.
  subscript<Value>(_ option: RepeatableOption<Value>) -> [Value] {
    get throws(UsageError) {
      try values.filter { $0.option == option.usage.long }.map { value throws(UsageError) in
        do throws(UsageError.Expectation) {
          return try option.parse(value.value)
        } catch {
          throw invalid(option, value.value, error)
        }
      }
    }
  }

  /// The value of an option as typed.
  func text<Value>(of option: Option<Value>) -> String? { text(of: option.usage) }

  private func text(of option: OptionUsage) -> String? {
    values.first { $0.option == option.long }?.value
  }

  /// Whether an option was given.
  func has(_ option: any OptionDeclaration) -> Bool {
    switches.contains(option.usage.long) || text(of: option.usage) != nil
  }

  /// Rejects two mutually exclusive options.
  func refuse(
    _ one: any OptionDeclaration, with other: any OptionDeclaration
  ) throws(UsageError) {
    if has(one), has(other) { throw error(.conflict(flag(of: one), flag(of: other))) }
  }

  /// Rejects an option without another that it requires.
  func require(
    _ other: any OptionDeclaration, for one: any OptionDeclaration
  ) throws(UsageError) {
    if has(one), !has(other) { throw error(.requires(flag(of: one), other.usage.flag)) }
  }

  /// An option as it was typed, which may be an older spelling.
  private func flag(of option: any OptionDeclaration) -> String {
    values.first { $0.option == option.usage.long }?.flag ?? option.usage.flag
  }

  func error(_ fault: UsageError.Fault) -> UsageError { UsageError(fault, command: command) }

  func invalid(
    _ option: any OptionDeclaration, _ value: String, _ expected: UsageError.Expectation
  ) -> UsageError {
    error(.invalidValue(option: flag(of: option), value: value, expected: expected))
  }

  // MARK: Operands

  /// The operand of a command for which the parser has ensured exactly one.
  var onlyOperand: String { operands.first ?? "" }

  /// The only operand as one of several choices.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    ofOperand name: String, _ type: Choice.Type
  ) throws(UsageError) -> Choice {
    do throws(UsageError.Expectation) {
      return try UsageError.Expectation.choice(type, onlyOperand)
    } catch {
      throw self.error(.invalidValue(option: name, value: onlyOperand, expected: error))
    }
  }

  /// The operands as mails, each by its number or by the address of its account.
  func mails() throws(UsageError) -> [MailReference] {
    try operands.map { word throws(UsageError) in
      Self.isAddress(word)
        ? .account(word)
        : .id(
          MailID(
            rawValue: try number(
              word, named: "ID|EMAIL", .format("must be the id of a mail, or an address"))))
    }
  }

  /// Whether a word is meant as an address where a number can be meant.
  static func isAddress(_ word: String) -> Bool { word.utf8.contains(UInt8(ascii: "@")) }

  /// A word that stands for a token or link; an address in its place is rejected with the command
  /// that takes one.
  func token(
    _ word: String, butFor command: (_ address: String) -> ShellCommand
  ) throws(UsageError) -> String {
    if Self.isAddressAlone(word) {
      throw error(.addressForToken(word, instead: Hint(command(word))))
    }
    return word
  }

  /// Whether a word is an address where a token or link can be meant: no token has an at sign, and
  /// a link that has one has a slash as well.
  static func isAddressAlone(_ word: String) -> Bool {
    isAddress(word) && !word.utf8.contains { [UInt8(ascii: "/"), UInt8(ascii: ":")].contains($0) }
  }

  /// An operand as a number.
  func number(
    _ word: String, named name: String, _ expected: UsageError.Expectation = .number
  ) throws(UsageError) -> Int64 {
    guard !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(word)
    else { throw error(.invalidValue(option: name, value: word, expected: expected)) }
    return number
  }

  /// Rejects operands in combination with an option that reads them from elsewhere.
  func refuseOperands() throws(UsageError) {
    if let extra = operands.first { throw error(.unexpectedOperand(extra)) }
  }
}
