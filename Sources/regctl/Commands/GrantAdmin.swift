internal import RegctlCore

/// The `grant-admin` command.
struct GrantAdmin: Command {
  static let name = "grant-admin"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Make an account an administrator",
    description: """
      Gives an existing account administrator rights. It does not confirm the
      account; 'create-admin --promote' does both.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [StatedReason.option],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl grant-admin ann@example.org", "Give administrator rights")])

  private let email: String

  init(_ arguments: ParsedArguments) throws(UsageError) { email = arguments.onlyOperand }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: [email], in: context, command: Self.name) {
      email throws(CommandError) in
      let (account, hasChanged) = try core(
        AdministratorRights.grant(
          email, confirming: false, in: store, at: context.now, by: context.actor))
      let escaped = TerminalText.escape(account.email)
      return AccountRow(
        account, result: hasChanged ? "granted" : "already_admin",
        "\(escaped) \(hasChanged ? "is now an administrator" : "is already an administrator").")
    }
  }
}
