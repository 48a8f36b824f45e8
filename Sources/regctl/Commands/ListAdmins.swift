internal import RegctlCore

/// The `list-admins` command.
struct ListAdmins: Command {
  static let columns = [
    Column("id", isUsual: false), Column("email"), Column("confirmed"), Column("registered_on"),
    Column("confirmed_on", isUsual: false),
  ]

  static let name = "list-admins"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List the administrators",
    description: "Lists every account with the rights of an administrator, by address.",
    options: ListOptions.usage,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [Example("regctl list-admins", "Who may do everything?")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    let rows = try core { () throws(RegctlError) in try store.administrators() }.map { account in
      [
        ReportValue.integer(account.id.rawValue), .text(account.email),
        .boolean(account.isConfirmed), ReportValue(account.registeredOn),
        ReportValue(account.confirmedOn),
      ]
    }
    var list = RowList.known("accounts", Self.columns, rows)
    list.isCounted = true
    return .list(list)
  }
}
