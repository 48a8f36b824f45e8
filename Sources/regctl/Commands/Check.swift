internal import RegctlCore

/// The `check` command.
struct Check: Command {
  static let name = "check"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Check by exit code whether an account may log in",
    description: """
      Exits with 0 if the account is confirmed, with 1 if it is not, and with 67 if
      it does not exist. With a password, exits with 0 only if the password is also
      correct; a wrong password and an unknown account then both exit with 1, after
      the same time. Prints nothing on success.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [PasswordSource.fileOption],
    exitCodes: [
      .ok, .refused, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl check ann@example.org && echo welcome", "In a script"),
      Example("regctl check ann@example.org --password-file - < secret", "With a password"),
    ])

  private let email: String
  private let passwordFile: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = arguments.onlyOperand
    passwordFile = try arguments[PasswordSource.fileOption]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration(
      passwordFile: passwordFile == "-" ? nil : passwordFile)
    let store = try context.store(configuration, for: .reading)
    let account: Account
    if let passwordFile {
      let password = try context.secret(inFile: passwordFile, configuration)
      account = try core(
        RegctlCore.Check.mayEnter(
          email, password: password, policy: configuration.passwordPolicy, in: store))
    } else {
      account = try core(RegctlCore.Check.isConfirmed(email, in: store))
    }
    return Summary(
      [ReportField("result", .text("ok")), ReportField("account", .object(account.fields))])
  }
}
