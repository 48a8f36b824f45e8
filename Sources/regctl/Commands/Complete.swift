internal import RegctlCore

/// The hidden command `__complete`, which the shell completions call.
///
/// It changes nothing and prints no errors, which would disturb the prompt.
struct Complete: Command {
  static let name = "__complete"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "Print completion candidates",
    description: "Prints a candidate and its description per line, for shells.",
    operands: [OperandUsage("KIND"), OperandUsage("PREFIX", .text, .optional)],
    exitCodes: [.ok, .inputOutput], examples: [])

  private let kind: String
  private let prefix: String

  init(_ arguments: ParsedArguments) throws(UsageError) {
    kind = arguments.operands[0]
    prefix = arguments.operands.dropFirst().first ?? ""
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    var candidates: [Candidate] = []
    do throws(CommandError) {
      candidates = try self.candidates(in: context)
    } catch {
      // An error means no candidates.
    }
    let lines = candidates.map { candidate in
      "\(candidate.value)\t\(TerminalText.escape(candidate.description))\n"
    }
    sink.writeRaw { $0 += lines.joined().utf8 }
    return Summary()
  }

  private func candidates(in context: Context) throws(CommandError) -> [Candidate] {
    let fields = "fields."
    if kind.utf8.starts(with: fields.utf8) {
      let command = CommandTable.command(named: String(kind.dropFirst(fields.count)))
      return (command?.columns ?? []).map { Candidate($0.name) }
        .filter { $0.value.utf8.starts(with: prefix.utf8) }
    }
    if kind == "acts" {
      return AuditEntry.Act.allCases.map { Candidate($0.rawValue) }
        .filter { $0.value.utf8.starts(with: prefix.utf8) }
    }
    let configuration = try context.configuration()
    let found = try core(candidates(in: configuration))
    return found.filter { Self.isPlain($0.value) }
  }

  private func candidates(in configuration: Configuration) throws(RegctlError) -> [Candidate] {
    // Completion does not wait for a lock.
    let store = try Store.open(
      configuration.db, mapping: configuration.users, for: .strictlyReadOnly,
      busyTimeout: .milliseconds(50))
    return switch kind {
    case "emails": try store.candidates(.all, prefix: prefix)
    case "unconfirmed": try store.candidates(.unconfirmed, prefix: prefix)
    case "admins": try store.candidates(.admins, prefix: prefix)
    case "mails": try store.candidates(mailsIn: OutboxEntry.State.allCases, prefix: prefix)
    case "waiting-mails": try store.candidates(mailsIn: [.queued], prefix: prefix)
    case "failed-mails":
      try store.candidates(mailsIn: [.failed, .cancelled, .expired], prefix: prefix)
    case "runs": try store.candidates(runsWithPrefix: prefix)
    case "deleted": try store.candidates(deletedWithPrefix: prefix)
    case "pruned": try store.candidates(prunedWithPrefix: prefix)
    default: []
    }
  }

  /// Whether a value consists of visible characters, so that no shell splits it and no terminal is
  /// disturbed.
  private static func isPlain(_ value: String) -> Bool {
    value.unicodeScalars.allSatisfy { scalar in
      scalar.isASCII
        ? scalar.value > 0x20 && scalar.value < 0x7f
        : !TerminalText.isDangerous(scalar) && !scalar.properties.isWhitespace
    }
  }
}
