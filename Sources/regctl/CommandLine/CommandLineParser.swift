internal import Base
internal import RegctlCore

/// Turns words into a command: options anywhere before `--`, clusters, `--name=value`.
struct CommandLineParser {
  private let environment: Environment

  /// A parser; of the environment only what stands for global options is read.
  init(environment: Environment) { self.environment = environment }

  func parse(_ words: Words) throws(CommandError) -> Invocation {
    do throws(UsageError) {
      return try invocation(Self.text(of: words))
    } catch {
      throw .usage(error)
    }
  }

  private static func text(of words: Words) throws(UsageError) -> [String] {
    var texts: [String] = []
    for (index, word) in words.all.enumerated() {
      guard let text = String(validating: word, as: UTF8.self) else {
        throw UsageError(.notUTF8(position: index + 1))
      }
      texts.append(text)
    }
    return texts
  }

  private func invocation(_ words: [String]) throws(UsageError) -> Invocation {
    let beforeEnd = words.prefix { $0 != "--" }
    let name = Self.commandWord(in: words)
    // Help is never refused, so that it can be added to the end of anything.
    if beforeEnd.contains(where: { $0 == "-h" || $0 == "--help" }) {
      return Self.help(
        about: name.flatMap(CommandTable.command(named:)) == nil ? nil : name, words: words)
    }
    guard let name else {
      // `--version` needs no command, and everything else one.
      let globals = try collect(words, usage: nil).globals
      if globals.has("help") { return Self.help(about: nil, words: words) }
      if globals.has("version") { return try special(Version(), globals, name: "--version") }
      throw UsageError(.noCommand)
    }
    guard let type = CommandTable.command(named: name) else {
      let names = CommandTable.all.map { $0.name }
      throw UsageError(
        .unknownCommand(name, suggestion: EditDistance.nearest(to: name, among: names)))
    }
    let collected = try collect(words, usage: type.usage)
    if collected.globals.has("help") { return Self.help(about: name, words: words) }
    if collected.globals.has("version") {
      return try special(Version(), collected.globals, name: "--version")
    }
    let globals = try globalOptions(collected.globals)
    try Self.check(collected.arguments, against: type.usage)
    let list = try ListOptions(collected.arguments, of: type)
    return Invocation(
      command: try type.init(collected.arguments), globals: globals, list: list, name: name)
  }

  private func special(
    _ command: any Command, _ arguments: ParsedArguments, name: String
  ) throws(UsageError) -> Invocation {
    Invocation(
      command: command, globals: try globalOptions(arguments), list: ListOptions(), name: name)
  }

  private static func help(about name: String?, words: [String]) -> Invocation {
    var globals = GlobalOptions()
    globals.color = lastChoice("color", in: words) ?? .auto
    return Invocation(
      command: ShowHelp(about: name), globals: globals, list: ListOptions(), name: "help")
  }

  // MARK: Words

  /// The first word that is neither an option nor the value of one.
  static func commandWord(in words: [String]) -> String? {
    var index = 0
    while index < words.count {
      let word = words[index]
      if word == "--" { return index + 1 < words.count ? words[index + 1] : nil }
      guard isOption(word) else { return word }
      if takesNextWord(word) { index += 1 }
      index += 1
    }
    return nil
  }

  private static func isOption(_ word: String) -> Bool {
    word.utf8.first == UInt8(ascii: "-") && word.utf8.count > 1
  }

  /// Whether a global option leaves its value to the next word.
  private static func takesNextWord(_ word: String) -> Bool {
    if word.utf8.starts(with: "--".utf8) {
      return GlobalUsage.options.contains { $0.flag == word && $0.value != nil }
    }
    let letters = word.dropFirst().map(String.init)
    let first = letters.firstIndex { letter in
      GlobalUsage.options.contains { $0.short == letter && $0.value != nil }
    }
    return first == letters.count - 1
  }

  private struct Collected {
    var globals = ParsedArguments(command: "")
    var arguments: ParsedArguments
  }

  /// Sorts words into global options, the command's options and operands.
  private func collect(_ words: [String], usage: CommandUsage?) throws(UsageError) -> Collected {
    let options = usage?.options ?? []
    var collected = Collected(arguments: ParsedArguments(command: usage?.name ?? ""))
    var rest = words[...]
    var hasSeenCommand = usage == nil
    var optionsEnded = false
    func note(
      _ option: OptionUsage, _ value: String?, _ collected: inout Collected
    ) throws(UsageError) {
      let isGlobal = !options.contains { $0.long == option.long }
      if let value {
        if isGlobal {
          try collected.globals.set(option, to: value)
        } else {
          try collected.arguments.set(option, to: value)
        }
      } else if isGlobal {
        collected.globals.set(option)
      } else {
        collected.arguments.set(option)
      }
    }
    while let word = rest.popFirst() {
      if optionsEnded || !Self.isOption(word) {
        if hasSeenCommand {
          collected.arguments.operands.append(word)
        } else {
          hasSeenCommand = true
        }
      } else if word == "--" {
        optionsEnded = true
      } else if word.utf8.starts(with: "--".utf8) {
        let (option, attached) = try Self.longOption(word, options, command: usage?.name)
        let value = try Self.value(
          of: option, as: option.flag, attached: attached, rest: &rest, command: usage?.name)
        try note(option, value, &collected)
      } else {
        var letters = word.dropFirst()
        while let letter = letters.popFirst() {
          let option = try Self.shortOption(String(letter), options, command: usage?.name)
          var attached: String?
          if option.value != nil, !letters.isEmpty {
            attached = String(letters)
            letters = ""
          }
          let value = try Self.value(
            of: option, as: "-\(letter)", attached: attached, rest: &rest, command: usage?.name)
          try note(option, value, &collected)
        }
      }
    }
    return collected
  }

  private static func longOption(
    _ word: String, _ options: [OptionUsage], command: String?
  ) throws(UsageError) -> (OptionUsage, attached: String?) {
    let bytes = Array(word.utf8.dropFirst(2))
    let equals = bytes.firstIndex(of: UInt8(ascii: "="))
    let name = String(decoding: bytes[..<(equals ?? bytes.count)], as: UTF8.self)
    let known = options + GlobalUsage.options
    guard let option = known.first(where: { $0.long == name }) else {
      let nearest = EditDistance.nearest(to: name, among: known.map(\.long))
      throw UsageError(
        .unknownOption("--\(name)", suggestion: nearest.map { "--\($0)" }), command: command)
    }
    return (option, equals.map { String(decoding: bytes[($0 + 1)...], as: UTF8.self) })
  }

  private static func shortOption(
    _ letter: String, _ options: [OptionUsage], command: String?
  ) throws(UsageError) -> OptionUsage {
    guard let option = (options + GlobalUsage.options).first(where: { $0.short == letter }) else {
      throw UsageError(.unknownOption("-\(letter)", suggestion: nil), command: command)
    }
    return option
  }

  private static func value(
    of option: OptionUsage, as typed: String, attached: String?, rest: inout ArraySlice<String>,
    command: String?
  ) throws(UsageError) -> String? {
    guard let usage = option.value else {
      if attached != nil { throw UsageError(.unexpectedValue(option: typed), command: command) }
      return nil
    }
    guard let value = attached ?? rest.popFirst() else {
      throw UsageError(.missingValue(option: typed, value: usage.name), command: command)
    }
    return value
  }

  private static func check(
    _ arguments: ParsedArguments, against usage: CommandUsage
  ) throws(UsageError) {
    var index = 0
    for operand in usage.operands {
      if index >= arguments.operands.count {
        guard !operand.isRequired else {
          throw arguments.error(.missingOperand(operand.value.name))
        }
        continue
      }
      index = operand.isRepeatable ? arguments.operands.count : index + 1
    }
    if index < arguments.operands.count {
      let takesPassword = usage.options.contains { $0.long == PasswordSource.fileOption.long }
      throw arguments.error(
        takesPassword
          ? .operandOrPassword(position: index + 1)
          : .unexpectedOperand(arguments.operands[index]))
    }
  }

  // MARK: Global options

  private func globalOptions(_ arguments: ParsedArguments) throws(UsageError) -> GlobalOptions {
    var globals = GlobalOptions()
    globals.db = arguments.value("db")
    globals.config = arguments.value("config") ?? environment["REGCTL_CONFIG"]
    globals.busyTimeout = arguments.value("busy-timeout")
    if let text = globals.busyTimeout {
      guard case .finite = try arguments.timeSpan("busy-timeout", likelyUnit: "s") else {
        throw arguments.error(
          .invalidValue(option: "--busy-timeout", value: text, expected: .finiteDuration))
      }
    }
    globals.color = try arguments.choice("color", ColorChoice.self) ?? .auto
    globals.noInput =
      arguments.has("no-input") || Self.isOn(environment["REGCTL_NO_INPUT"])
    globals.quiet = arguments.has("quiet")
    globals.verbose = arguments.has("verbose")
    globals.format = try format(arguments)
    return globals
  }

  private func format(_ arguments: ParsedArguments) throws(UsageError) -> OutputFormat {
    let option = try arguments.choice("format", OutputFormat.self)
    if arguments.has("json") {
      if let option, option != .json { throw arguments.error(.conflict("--json", "--format")) }
      return .json
    }
    if let option { return option }
    guard let text = environment["REGCTL_FORMAT"], !text.isEmpty else { return .text }
    if let format = OutputFormat(rawValue: text) { return format }
    let choices = OutputFormat.allCases.map(\.rawValue)
    throw arguments.error(
      .invalidValue(
        option: "REGCTL_FORMAT", value: text,
        expected: .choice(
          choices, suggestion: EditDistance.nearest(to: text, among: choices))))
  }

  private static func isOn(_ text: String?) -> Bool {
    guard let text else { return false }
    return !["", "0", "no", "false"].contains(text)
  }

  /// The format that words ask for, as far as that can be told of words that make no sense.
  func likelyFormat(of words: Words) -> OutputFormat {
    let texts = words.lossyTexts.prefix { $0 != "--" }
    if texts.contains("--json") { return .json }
    return Self.lastChoice("format", in: texts)
      ?? environment["REGCTL_FORMAT"].flatMap(OutputFormat.init(rawValue:)) ?? .text
  }

  /// The last value that words give to an option, if it is one of its choices.
  private static func lastChoice<Choice: RawRepresentable<String>>(
    _ long: String, in words: some Collection<String>
  ) -> Choice? {
    var choice: Choice?
    for (word, next) in zip(words, words.dropFirst().map(Optional.init) + [nil]) {
      if word == "--\(long)" { choice = next.flatMap(Choice.init(rawValue:)) ?? choice }
      let prefix = "--\(long)="
      if word.utf8.starts(with: prefix.utf8) {
        choice = Choice(rawValue: String(word.dropFirst(prefix.count))) ?? choice
      }
    }
    return choice
  }
}
