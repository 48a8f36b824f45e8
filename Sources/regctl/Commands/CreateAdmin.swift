internal import RegctlCore

/// The `create-admin` command.
struct CreateAdmin: Command {
  private static let ifNotExists = Switch(
    "if-not-exists", "Succeed and change nothing if the account exists")
  private static let promote = Switch(
    "promote", "Make an existing account a confirmed administrator")

  static let name = "create-admin"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Create a confirmed administrator",
    description: """
      Creates an administrator with a confirmed address. The password is read twice
      from the terminal unless an option names another source. An existing account
      is an error; its password is never changed.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: [
      PasswordSource.fileOption, PasswordSource.generateOption,
      ifNotExists, promote, StatedReason.option,
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl create-admin ann@example.org", "Ask for the password"),
      Example(
        "(umask 077; regctl create-admin ann@example.org --generate-password > pw)",
        "Generate a password and keep it in a file"),
    ])

  private enum IfExists { case fail, accept, promote }

  private let email: String
  private let source: PasswordSource
  private let ifExists: IfExists

  init(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.refuse(Self.ifNotExists, with: Self.promote)
    email = arguments.onlyOperand
    source = try PasswordSource(arguments)
    ifExists =
      arguments[Self.promote] ? .promote : arguments[Self.ifNotExists] ? .accept : .fail
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration(passwordFile: source.path)
    let address = try parseAddress(email, configuration)
    let store = try context.store(configuration, for: .writing)
    let existing = try core(store.accountIfAny(address.text))
    if let existing {
      switch ifExists {
      case .fail:
        throw .core(
          .account(.alreadyRegistered(email: existing.email, isConfirmed: existing.isConfirmed)))
      case .accept:
        return Self.summary("exists", existing, "already exists; nothing was changed")
      case .promote:
        let (account, hasChanged) = try core(
          AdministratorRights.grant(
            existing.email, confirming: true, in: store, at: context.now, by: context.actor))
        return hasChanged
          ? Self.summary("promoted", account, "is now an administrator")
          : Self.summary("exists", account, "is already a confirmed administrator")
      }
    }
    let denial = try context.denial(of: address, by: configuration)
    try core(RegctlCore.Register.check(address, deniedBy: denial, in: store))
    let password = try context.newPassword(
      from: source, for: store, configuration, command: Self.name)
    let account = try core(
      CreateAdministrator.perform(
        address, password.hash, in: store, at: context.now, by: context.actor
      ) { () throws(RegctlError) in
        try password.announce(to: sink)
      })
    return Summary(
      Self.fields("created", account),
      "Created administrator \(TerminalText.escape(account.email)).")
  }

  private static func fields(_ result: String, _ account: Account) -> [ReportField] {
    [ReportField("result", .text(result)), ReportField("account", .object(account.fields))]
  }

  private static func summary(
    _ result: String, _ account: Account, _ predicate: String
  ) -> Summary {
    Summary(fields(result, account), "\(TerminalText.escape(account.email)) \(predicate).")
  }
}

/// Parses the address of a new account.
func parseAddress(
  _ text: String, _ configuration: Configuration
) throws(CommandError) -> EmailAddress {
  do throws(AddressError) {
    return try EmailAddress(
      text, rule: configuration.domainRule, allowsUTF8: configuration.allowsSMTPUTF8)
  } catch {
    throw .core(.address(error))
  }
}
