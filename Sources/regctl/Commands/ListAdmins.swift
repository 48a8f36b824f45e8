internal import RegctlCore

/// The `list-admins` command.
struct ListAdmins: Command {
  static let columns = Row.columns

  static let name = "list-admins"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List the administrators",
    description: "Lists every account with administrator rights, in order of address.",
    options: ListOptions.declared,
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration],
    examples: [Example("regctl list-admins", "List the administrators")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let administrators = try core(store.administrators())
    sink.list("accounts", of: Row.self, as: .table(), isCounted: true)
      .push(administrators.map(Row.init))
    return Summary()
  }

  /// An administrator.
  private struct Row: ResultRow {
    static let columns = [
      Column("id", isUsual: false), Column("email"), Column("confirmed"), Column("registered_on"),
      Column("confirmed_on", isUsual: false),
    ]

    let account: Account

    var cells: [ReportValue] {
      [
        .integer(account.id.rawValue), .text(account.email), .boolean(account.isConfirmed),
        ReportValue(account.registeredOn), ReportValue(account.confirmedOn),
      ]
    }
  }
}
