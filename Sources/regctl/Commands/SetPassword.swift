internal import RegctlCore

/// The `set-password` command.
struct SetPassword: Command {
  static let name = "set-password"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Set the password of an account",
    description: """
      Replaces the password of an account. Links mailed earlier and a pending change
      of address become invalid. Whether the account is confirmed does not change.
      The audit records the change, but not the password.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [
      PasswordSource.fileOption, PasswordSource.generateOption, StatedReason.option,
    ],
    exitCodes: [
      .ok, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl set-password ann@example.org", "Ask for the password"),
      Example(
        "(umask 077; regctl set-password ann@example.org --generate-password > pw)",
        "Generate a password and hand it over"),
    ])

  private let email: String
  private let source: PasswordSource

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    source = try PasswordSource(arguments)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration(passwordFile: source.path)
    let store = try context.store(configuration, for: .writing)
    _ = try core(store.account(named: email))
    let password = try context.newPassword(
      from: source, for: store, configuration, command: Self.name)
    let account = try core(
      RegctlCore.SetPassword.perform(
        email, password.hash, in: store, at: context.now, by: context.actor
      ) { () throws(RegctlError) in try password.announce(to: sink) })
    return .changedPassword(of: account, wasConfirmed: account.isConfirmed)
  }
}
