internal import RegctlCore

/// Parses the arguments of the process into a command.
struct CommandLineParser {
  private let environment: Environment

  /// Creates a parser, which reads only the environment variables that set global options.
  init(environment: Environment) { self.environment = environment }

  func parse(_ arguments: ArgumentBytes) -> ParseResult {
    let words = SortedWords(arguments.lossyTexts)
    var globalFault: UsageError?
    let globals = GlobalOptions(words.globals, environment) { globalFault = globalFault ?? $0 }
    let result: Result<Invocation, UsageError>
    do throws(UsageError) {
      if let position = arguments.firstNotUTF8 {
        throw UsageError(.notUTF8(position: position))
      }
      result = .success(try Self.invocation(words, globalFault))
    } catch {
      result = .failure(error)
    }
    return ParseResult(globals: globals, command: words.command, result: result)
  }

  private static func invocation(
    _ words: SortedWords, _ globalFault: UsageError?
  ) throws(UsageError) -> Invocation {
    if words.wantsHelp {
      return Invocation(command: Help(about: words.type), list: ListOptions())
    }
    if words.command != nil, words.type == nil { throw unknownCommand(words) }
    if let fault = words.fault { throw fault }
    let wantsVersion = words.globals[GlobalOptions.version]
    if !wantsVersion, words.command == nil { throw UsageError(.noCommand) }
    if let globalFault { throw globalFault }
    guard let type = words.type, !wantsVersion else {
      return Invocation(command: Version(), list: ListOptions())
    }
    try check(words.arguments, against: type.usage)
    let list = try ListOptions(words.arguments, of: type)
    return Invocation(
      command: try type.init(words.arguments), list: list,
      reason: try StatedReason(words.arguments, of: type.usage))
  }

  private static func unknownCommand(_ words: SortedWords) -> UsageError {
    let name = words.command ?? ""
    return UsageError(.unknownCommand(name, suggestions: CommandTable.suggestions(for: name)))
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
      let takesPassword = usage.options.contains { $0.long == PasswordSource.fileOption.usage.long }
      throw arguments.error(
        takesPassword
          ? .operandOrPassword(position: index + 1)
          : .unexpectedOperand(arguments.operands[index]))
    }
  }
}
