internal import RegctlCore

/// The `unprune` command.
struct Unprune: Command {
  private static let email = Option("email", ValueUsage("EMAIL", .email), "Only this account")

  static let name = "unprune"
  static let usage = CommandUsage(
    name: name, group: .prune, summary: "Restore pruned accounts",
    description: """
      Restores the accounts of a prune run, or only one of them: address, password,
      dates, mails and history, with the old id if it is free. An account whose
      address was registered again is refused; the others are restored.
      """,
    operands: [OperandUsage("RUN", .number)],
    options: [email],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl unprune 1 --email ann@example.org", "While Ann is on the phone"),
      Example("regctl unprune 1", "Restore a whole run"),
    ])

  private let run: Int64
  private let email: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    run = try arguments.number(arguments.onlyOperand, named: "RUN")
    email = try arguments[Self.email]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    let reversal = try core(
      PruneReversal(of: run, email: email, at: context.now, by: context.actor))
    guard try core(reversal.isSingle(in: store)) else {
      return try bringAllBack(reversal, store, context, to: sink)
    }
    guard let restoration = try core(reversal.next(atMost: 1, in: store))?.first else {
      throw .core(.prune(.unknownRun(run, email: email)))
    }
    return try sink.forEach(of: [restoration.email], in: context) { _ throws(CommandError) in
      UnpruneRow(try core(restoration.result.get()))
    }
  }

  /// Restores accounts in batches; failures are printed at the end.
  private func bringAllBack(
    _ reversal: PruneReversal, _ store: Store, _ context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let count = FailureCount(in: context)
    var pacer = BatchPacer()
    var list: RowList<UnpruneRow>?
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
          return .failed(restoration.email, count.fail(.core(error)))
        }
      }
      // Begun after the first batch, so that nothing is printed for a run that cannot be restored.
      let results = list ?? sink.list("results", of: UnpruneRow.self, as: .sentences(\.sentence))
      results.push(rows)
      list = results
    }
    if list == nil { throw .core(.prune(.unknownRun(run, email: email))) }
    return count.summary
  }
}
