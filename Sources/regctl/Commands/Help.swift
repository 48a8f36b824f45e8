internal import RegctlCore

/// The `help` command, which also implements `-h` and `--help`.
struct Help: Command {
  static let name = "help"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "Explain a command or a topic",
    description: """
      Explains a command, or one of the topics environment, exit-codes and formats.
      """,
    operands: [OperandUsage("COMMAND|TOPIC", .commandOrTopic, .optional)],
    exitCodes: [.ok, .usage, .inputOutput],
    examples: [
      Example("regctl help register", "Explain a command"),
      Example("regctl help exit-codes", "List the exit codes"),
    ])

  private enum Subject: Sendable {
    case overview
    case command(CommandUsage)
    case topic(HelpTopic)
  }

  private let subject: Subject

  init(_ arguments: ParsedArguments) throws(UsageError) {
    guard let name = arguments.operands.first else {
      subject = .overview
      return
    }
    if let command = CommandTable.command(named: name) {
      subject = .command(command.usage)
    } else if let topic = HelpTopic(rawValue: name) {
      subject = .topic(topic)
    } else {
      let topics = HelpTopic.allCases.map(\.rawValue)
      throw UsageError(
        .unknownTopic(name, suggestions: CommandTable.suggestions(for: name, or: topics)))
    }
  }

  /// Creates help about a command that the parser recognised, or about all commands.
  init(about command: (any Command.Type)?) {
    subject = command.map { .command($0.usage) } ?? .overview
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let help = HelpText(isBold: context.usesColor)
    let text =
      switch subject {
      case .overview: help.overview()
      case .command(let usage): help.command(usage)
      case .topic(let topic): help.topic(topic)
      }
    sink.writeRaw { $0 += text.utf8 }
    return Summary()
  }
}
