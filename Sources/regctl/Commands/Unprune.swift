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

  private static let details = [Column("id")]

  init(_ arguments: ParsedArguments) throws(UsageError) {
    run = try arguments.number(arguments.onlyOperand, named: "RUN")
    email = arguments.value("email")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .writing)
    let count = try core { () throws(RegctlError) in
      try store.archived(in: run, email: email, after: AccountID(rawValue: .min), limit: 2).count
    }
    let reversal = PruneReversal(of: run, email: email, at: context.now, by: context.actor)
    if count > 1 { return try bringAllBack(reversal, store, context) }
    let outcomes = try core { () throws(RegctlError) in
      let outcomes = count == 0 ? nil : try reversal.next(atMost: 1, in: store)
      guard let outcomes else { throw .prune(.unknownRun(run, email: email)) }
      return outcomes
    }
    return try AccountResults.of(
      outcomes.map(\.email), details: Self.details, in: context
    ) { _ throws(CommandError) in
      try core { () throws(RegctlError) in
        let account = try outcomes[0].result.get()
        return AccountResults.Success(
          email: account.email, result: "restored", details: [.integer(account.id.rawValue)],
          sentence: Self.sentence(on: account.email, account.id.rawValue))
      }
    }
  }

  /// Brings accounts back a batch at a time; those that fail are said at the end.
  private func bringAllBack(
    _ reversal: PruneReversal, _ store: Store, _ context: Context
  ) throws(CommandError) -> Report {
    let tally = Tally(context: context)
    var pacer = BatchPacer()
    func next() throws(CommandError) -> [PruneReversal.Outcome]? {
      try core { () throws(RegctlError) in
        try pacer.run { batchSize throws(RegctlError) in
          try reversal.next(atMost: batchSize, in: store)
        }
      }
    }
    // At once, so that whoever cannot begin has printed nothing.
    var first = try next()
    let columns = [Column("email"), Column("result")] + Self.details + [Column("error")]
    var results = RowList(key: "results", columns: columns) { () throws(CommandError) in
      let outcomes: [PruneReversal.Outcome]?
      if let begun = first {
        outcomes = begun
        first = nil
      } else {
        outcomes = try next()
      }
      return outcomes?.map { Self.row($0, tally, context) }
    }
    results.isWork = true
    var report = Report(
      list: results,
      prose: .sentenceOfEach { row in
        guard case .text(let email) = row[0], case .integer(let id) = row[2] else { return nil }
        return Self.sentence(on: email, id)
      })
    report.conclusion = { tally.conclusion }
    return report
  }

  private static func row(
    _ outcome: PruneReversal.Outcome, _ tally: Tally, _ context: Context
  ) -> [ReportValue] {
    switch outcome.result {
    case .success(let account):
      tally.succeed()
      return [.text(account.email), .text("restored"), .integer(account.id.rawValue), .null]
    case .failure(let error):
      tally.fail(.core(error))
      let diagnostic = Diagnostic(error, now: context.now, isVerbose: context.globals.verbose)
      return [.text(outcome.email), .text("failed"), .null, diagnostic.fields[1].value]
    }
  }

  private static func sentence(on email: String, _ id: Int64) -> String {
    "\(TerminalText.escape(email)) is back, number \(id)."
  }
}
