internal import RegctlCore

/// The `unprune` command.
struct Unprune: Command {
  private static let email = Option(
    "email", ValueUsage("EMAIL", .email), "Only this account, without a question")
  private static let dryRun = Switch(
    "dry-run", short: "n", "Show what would be done, change nothing")
  private static let yes = Switch("yes", short: "y", "Do not ask")

  static let name = "unprune"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "Restore pruned accounts",
    description: """
      Restores the accounts of a prune run, or only one of them: address, password,
      dates, mails and history, with the old id if it is free. An account whose
      address was registered again is refused; the others are restored. EMAIL means
      this account, as the newest run that took it left it. regctl list-prunes RUN
      lists the accounts of a run. Without --yes, regctl asks before it restores a
      whole run.
      """,
    operands: [OperandUsage("RUN|EMAIL", .number, .optional)],
    options: [email, dryRun, yes, StatedReason.option],
    forms: ["RUN|EMAIL", "RUN --email EMAIL", "--email EMAIL"],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl unprune ann@example.org", "While Ann is on the phone"),
      Example("regctl unprune 1 --dry-run", "What would be restored"),
      Example("regctl unprune 1 --yes", "Restore a whole run"),
    ])

  /// What is restored.
  private enum Request {
    case run(Int64, only: String?)
    /// An account, from the newest run that has it.
    case account(String)
  }

  private let request: Request
  private let isDryRun: Bool
  private let isSure: Bool

  /// How many accounts the question may name.
  private static let sampleSize = 5
  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    isDryRun = arguments[Self.dryRun]
    isSure = arguments[Self.yes]
    let email = try arguments[Self.email]
    switch (arguments.operands.first, email) {
    case (let word?, _) where !ParsedArguments.isAddress(word):
      let run = try arguments.number(
        word, named: "RUN|EMAIL", .format("must be the number of a run, or an address"))
      request = .run(run, only: email)
    case (let word?, nil): request = .account(word)
    case (let word?, _?): throw arguments.error(.unexpectedOperand(word))
    case (nil, let email?): request = .account(email)
    case (nil, nil): throw arguments.error(.missingOperand("RUN|EMAIL"))
    }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(
      context.configuration(), for: isDryRun ? .strictlyReadOnly : .writing)
    let (run, email) = try archived(in: store)
    let reversal = try core(
      PruneReversal(of: run, email: email, at: context.now, by: context.actor))
    if email == nil, !isDryRun { try ask(about: run, store, context) }
    let isSingle = isDryRun ? false : try core(reversal.isSingle(in: store))
    if !isSingle {
      let summary =
        try isDryRun
        ? preview(reversal, store, context, to: sink)
        : bringAllBack(reversal, store, context, to: sink)
      guard let summary else { throw try absence(of: run, email: email, in: store) }
      return summary
    }
    guard let restoration = try core(reversal.next(atMost: 1, in: store))?.first else {
      throw try absence(of: run, email: email, in: store)
    }
    return try sink.forEach(
      of: [restoration.email], in: context, command: Self.name, after: Self.fields(isDryRun: false)
    ) { _ throws(CommandError) in
      UnpruneRow(try core(restoration.result.get()))
    }
  }

  private static func fields(isDryRun: Bool) -> [ReportField] {
    [ReportField("dry_run", .boolean(isDryRun))]
  }

  /// The run to restore from, and the only account to restore.
  private func archived(in store: Store) throws(CommandError) -> (run: Int64, only: String?) {
    switch request {
    case .run(let run, let email): return (run, email)
    case .account(let email):
      guard let run = try core(store.pruneRun(of: email)) else {
        if let purged = try core(store.purgedRun(of: email)) {
          throw .core(.prune(.purged(purged.run, at: purged.at, email: email)))
        }
        throw .core(.prune(.notPruned(email: email)))
      }
      return (run, email)
    }
  }

  /// The error for a run of which the archive has no account, or not the one with an address.
  private func absence(
    of run: Int64, email: String?, in store: Store
  ) throws(CommandError) -> CommandError {
    if let email, let purged = try core(store.purgedRun(of: email)), purged.run == run {
      return .core(.prune(.purged(run, at: purged.at, email: email)))
    }
    if email == nil, let moment = try core(store.purgedRun(run)) {
      return .core(.prune(.purged(run, at: moment, email: nil)))
    }
    return .core(.prune(.unknownRun(run, email: email)))
  }

  /// Asks whether to restore a whole run.
  private func ask(
    about run: Int64, _ store: Store, _ context: Context
  ) throws(CommandError) {
    let count = try core(store.archivedCount(in: run))
    if count == 0 { throw try absence(of: run, email: nil, in: store) }
    let first = AccountID(rawValue: .min)
    let sample = try core(store.archived(in: run, after: first, limit: Self.sampleSize))
    let question = Question.about("Restore", count, sample.map(\.email))
    guard try context.confirm(question, isSure: isSure, command: Self.name) else {
      throw .declined
    }
  }

  /// Prints what would be restored; `nil` if there is no account.
  private func preview(
    _ reversal: PruneReversal, _ store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary? {
    let count = FailureCount(in: context)
    var list: RowList<UnpruneRow>?
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    let total = progress.isShown ? try core(reversal.count(in: store)) : nil
    var done = 0
    defer { progress.end() }
    while let previews = try core(reversal.preview(atMost: Self.batchSize, in: store)) {
      let rows = previews.map { preview in
        if let refusal = preview.refusal {
          return UnpruneRow.failed(preview.email, count.fail(.core(refusal)))
        }
        count.succeed()
        return UnpruneRow(preview)
      }
      list = push(rows, to: list, sink)
      done += rows.count
      // A terminal shows the results themselves.
      if !context.terminal.outputIsTerminal { progress.show(done, of: total, in: .looking) }
    }
    return list == nil ? nil : count.summary
  }

  /// Restores accounts in batches; failures are printed at the end. `nil` if there is no account.
  private func bringAllBack(
    _ reversal: PruneReversal, _ store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary? {
    let count = FailureCount(in: context)
    var pacer = BatchPacer()
    var list: RowList<UnpruneRow>?
    let progress = WorkProgress(of: Self.name, counting: "account", in: context)
    let total = progress.isShown ? try core(reversal.count(in: store)) : nil
    var done = 0
    defer { progress.end() }
    while true {
      let restorations: [PruneReversal.Restoration]?
      do throws(RegctlError) {
        restorations = try pacer.run(in: store) { batchSize throws(RegctlError) in
          try reversal.next(atMost: batchSize, in: store)
        }
      } catch {
        throw .core(error)
      }
      guard let restorations else { break }
      let rows = restorations.map { restoration in
        switch restoration.result {
        case .success(let account):
          count.succeed()
          return UnpruneRow(account)
        case .failure(let error):
          return UnpruneRow.failed(restoration.email, count.fail(.core(error)))
        }
      }
      list = push(rows, to: list, sink)
      done += rows.count
      // A terminal shows the results themselves.
      if !context.terminal.outputIsTerminal { progress.show(done, of: total) }
    }
    return list == nil ? nil : count.summary
  }

  /// Prints rows, in a list begun with the first of them, so that nothing is printed for a run that
  /// cannot be restored.
  private func push(
    _ rows: [UnpruneRow], to list: RowList<UnpruneRow>?, _ sink: RowSink
  ) -> RowList<UnpruneRow> {
    let results =
      list
      ?? sink.list(
        "results", of: UnpruneRow.self, after: Self.fields(isDryRun: isDryRun),
        as: .sentences(\.sentence))
    results.push(rows)
    return results
  }
}
