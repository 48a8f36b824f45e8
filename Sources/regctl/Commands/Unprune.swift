internal import RegctlCore

/// The `unprune` command.
struct Unprune: Command {
  static let name = "unprune"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "Bring pruned accounts back",
    description: """
      Brings the accounts of a run of prune back, or only one of them: address,
      password, dates, mails and history, under the old number if that is free. An
      address that was registered anew meanwhile is refused, one by one.
      """,
    operands: [OperandUsage("RUN", .number)],
    options: [OptionUsage("email", ValueUsage("EMAIL", .email), "Only this account")],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl unprune 1 --email ann@example.org", "With Ann on the phone"),
      Example("regctl unprune 1", "The whole run was a mistake"),
    ])

  private let run: Int64
  private let email: String?

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    run = try arguments.number(arguments.onlyOperand, named: "RUN")
    email = arguments.value("email")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .writing)
    let emails = try core { () throws(RegctlError) in
      var found: [(id: AccountID, email: String)] = []
      while true {
        let batch = try store.archived(
          in: run, email: email, after: found.last?.id ?? AccountID(rawValue: .min),
          limit: Self.batchSize)
        if batch.isEmpty { break }
        found += batch.map { ($0.id, $0.email) }
      }
      if found.isEmpty { throw .prune(.unknownRun(run, email: email)) }
      return found
    }
    let ids = emails.map(\.id)
    var place = 0
    return try AccountResults.of(emails.map(\.email), details: [Column("id")], in: context) {
      email throws(CommandError) in
      let id = ids[place]
      place += 1
      let account = try core { () throws(RegctlError) in
        try Prune.undo(
          id, email: email, of: run, in: store, at: context.now, by: context.actor)
      }
      return AccountResults.Success(
        email: account.email, result: "restored", details: [.integer(account.id.rawValue)],
        sentence: "\(TerminalText.escape(account.email)) is back, number \(account.id.rawValue).")
    }
  }
}
