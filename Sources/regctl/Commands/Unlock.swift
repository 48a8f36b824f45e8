internal import Base
internal import RegctlCore

/// The `unlock` command.
struct Unlock: Command {

  static let name = "unlock"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Unlock accounts, or all accounts of a domain",
    description: """
      Unlocks accounts that regctl lock locked, and restores their passwords, unless
      another was set meanwhile. Links that were mailed before stay invalid.
      @DOMAIN unlocks a domain; its accounts that were locked by their address stay
      locked.
      """,
    operands: [OperandUsage("EMAIL|@DOMAIN", .email, .any)],
    options: AccountOperands.declared + [StatedReason.option],
    forms: ["EMAIL|@DOMAIN... [--reason TEXT]", "--file FILE|- [--reason TEXT]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl unlock bob@example.org --reason 'was a mistake'", "Undo a lock")])

  private let operands: AccountOperands

  init(_ arguments: ParsedArguments) throws(UsageError) {
    operands = try AccountOperands(arguments, named: "EMAIL|@DOMAIN")
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let words = try operands.words(in: context)
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: words, in: context, command: Self.name) {
      word throws(CommandError) in
      let target = try core(LockTarget(word))
      let done = try core(
        LockAccounts.unlock(target, in: store, at: context.now, by: context.actor))
      let subject = LockRow.subject(of: done)
      let count = done.domain == nil ? "" : ", with \(Plural.count(done.accounts, "account"))"
      return LockRow(
        done, result: done.isNew ? "unlocked" : "not_locked",
        done.isNew ? "\(subject) is unlocked\(count)." : "\(subject) was not locked.")
    }
  }
}
