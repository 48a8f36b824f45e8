internal import RegctlCore

/// The `list-outbox` command.
struct ListOutbox: Command {
  static let columns = OutboxRow.columns

  private static let state = Option<OutboxEntry.State>.choice("state", "Only mails in this state")
  private static let email = Option(
    "email", ValueUsage("EMAIL", .email), "Only mails of this account")
  private static let limit = Option<Int>.count("limit", "Print at most N")

  static let name = "list-outbox"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "List the mails of the outbox",
    description: """
      Lists the mails of the outbox, oldest first: recipient, state, number of
      attempts and the last reply of the server. A queued mail contains no token:
      the token is issued when the mail is sent.
      """,
    options: [state, email, limit] + ListOptions.declared,
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl list-outbox --state queued", "Queued mails"),
      Example("regctl list-outbox --email ann@example.org", "Mails to Ann"),
    ])

  private let state: OutboxEntry.State?
  private let email: String?
  private let limit: Int

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    state = try arguments[Self.state]
    email = try arguments[Self.email]
    limit = try arguments[Self.limit] ?? .max
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let account = try email.map { email throws(CommandError) in try core(store.account(email).id) }
    let filter = OutboxFilter(state: state, account: account)
    let rows = sink.list("mails", of: OutboxRow.self, as: .table(), isCounted: true)
    var last = MailID(rawValue: 0)
    var remaining = limit
    while remaining > 0 {
      let size = min(Self.batchSize, remaining)
      let mails = try core(store.mails(after: last, matching: filter, limit: size))
      guard let newest = mails.last, rows.push(mails.map(OutboxRow.init)) else { break }
      last = newest.id
      remaining = mails.count < size ? 0 : remaining - mails.count
    }
    return Summary()
  }
}
