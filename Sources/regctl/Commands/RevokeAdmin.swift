internal import RegctlCore

/// The `revoke-admin` command.
struct RevokeAdmin: Command {
  private static let force = Switch("force", "Allow it for the last administrator")

  static let name = "revoke-admin"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Remove the administrator rights of an account",
    description: """
      Removes the administrator rights of an account; the account itself stays. The
      last administrator is kept unless --force is given.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [force, StatedReason.option],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl revoke-admin ann@example.org", "Remove administrator rights")])

  private let email: String
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    force = arguments[Self.force]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: [email], in: context, command: Self.name) {
      email throws(CommandError) in
      let (account, hasChanged) = try core(
        AdministratorRights.revoke(
          email, force: force, in: store, at: context.now, by: context.actor))
      let escaped = TerminalText.escape(account.email)
      return AccountRow(
        account, result: hasChanged ? "revoked" : "not_admin",
        "\(escaped) \(hasChanged ? "is no longer an administrator" : "was not an administrator").")
    }
  }
}
