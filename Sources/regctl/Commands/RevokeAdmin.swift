internal import RegctlCore

/// The `revoke-admin` command.
struct RevokeAdmin: Command {
  private static let force = Switch("force", "Even the last administrator")

  static let name = "revoke-admin"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Make an administrator an ordinary account",
    description: """
      Takes the rights of an administrator away; the account stays. The last
      administrator is kept unless --force is given.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [force],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl revoke-admin ann@example.org", "She administers no more")])

  private let email: String
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    force = arguments[Self.force]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .writing)
    return try sink.forEach(of: [email], in: context) { email throws(CommandError) in
      let (account, hasChanged) = try core(
        AdministratorRights.revoke(
          email, force: force, in: store, at: context.now, by: context.actor))
      let escaped = TerminalText.escape(account.email)
      return AccountRow(
        account, result: hasChanged ? "revoked" : "not_admin",
        "\(escaped) \(hasChanged ? "is no administrator any more" : "was no administrator").")
    }
  }
}
