internal import RegctlCore

/// The `undelete` command.
struct Undelete: Command {
  private static let newID = Switch("new-id", "Give it another number if its own is taken")

  static let name = "undelete"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Restore deleted accounts",
    description: """
      Restores accounts that regctl delete deleted, exactly as they were: number,
      password, dates, mails and history. Links that were mailed before stay
      invalid. A number is the id that the account had. An account whose address was
      registered again is refused, and one whose number was given to another account
      unless --new-id is given. Pruned accounts are restored by regctl unprune.
      """,
    operands: [OperandUsage("EMAIL|ID", .email, .any)],
    options: AccountOperands.declared + [newID, StatedReason.option],
    forms: ["EMAIL|ID... [options]", "--file FILE|- [options]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl undelete bob@example.org", "Undo a wrong delete")])

  private let operands: AccountOperands
  private let newID: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    operands = try AccountOperands(arguments, named: "EMAIL|ID")
    newID = arguments[Self.newID]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let words = try operands.words(in: context)
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: words, in: context, command: Self.name) {
      word throws(CommandError) in
      UnpruneRow(
        try core(
          UndeleteAccount.perform(
            Self.name(word), newID: newID, in: store, at: context.now,
            by: context.actor)))
    }
  }

  /// An account as it is typed: digits are its ID, because no address is without an at sign.
  private static func name(_ word: String) -> UndeleteAccount.Name {
    guard !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }), let id = Int64(word)
    else { return .email(word) }
    return .id(AccountID(rawValue: id))
  }
}
