internal import RegctlCore

/// The `revoke-admin` command.
struct RevokeAdmin: Command {
  static let name = "revoke-admin"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Make an administrator an ordinary account",
    description: """
      Takes the rights of an administrator away; the account stays. The last
      administrator is kept unless --force is given.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [OptionUsage("force", "Even the last administrator")],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [Example("regctl revoke-admin ann@example.org", "She administers no more")])

  private let email: String
  private let force: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    force = arguments.has("force")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .writing)
    return try AccountResults.of([email], in: context) { email throws(CommandError) in
      let (account, hasChanged) = try core { () throws(RegctlError) in
        try AdministratorRights.revoke(
          email, force: force, in: store, at: context.now, by: context.actor)
      }
      let escaped = TerminalText.escape(account.email)
      return AccountResults.Success(
        email: account.email, result: hasChanged ? "revoked" : "not_admin",
        sentence:
          "\(escaped) \(hasChanged ? "is no administrator any more" : "was no administrator").")
    }
  }
}
