internal import RegctlCore

/// The `audit` command.
struct Audit: Command {
  static let columns = Row.columns

  private static let email = Option(
    "email", ValueUsage("EMAIL", .email), "Only what was done to this account")
  private static let since = Option<TimeReference>.time("since", "Only what is not older")
  private static let limit = Option<Int>.count("limit", "At most so many")
  private static let verify = Switch(
    "verify", "List nothing; check that no act was changed or taken away")
  private static let head = Option<String>.hash(
    "head", "With --verify: a hash that it printed earlier")

  static let name = "audit"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List who did what, and why",
    description: """
      Lists what operators did, oldest first: when, who, what, to whom and why. An
      act on many accounts, such as issue-token --stdin, is one row without an
      address; --email finds those too, and what was done to an account that is
      gone. --since takes a date, a time such as 2026-11-23T09:00:00Z or an age
      such as 1d.

      Each act carries a hash over itself, the accounts that it was about and all
      acts before it. --verify reads them all again, says so when one was changed,
      put on another account or taken away, and prints how many they are and the
      newest hash. Keep that elsewhere and give it with --head the next time: then
      acts written anew are found out too.
      """,
    options: [email, since, limit, verify, head] + ListOptions.declared,
    forms: ["[options]", "--verify [--head HASH]"],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl audit --since 1d", "What happened since yesterday"),
      Example("regctl audit --email ann@example.org", "What was done to Ann"),
      Example("regctl audit --since 2026-11-01 --format tsv", "A month, for a spreadsheet"),
      Example("regctl audit --verify", "Is it what was written?"),
    ])

  private let email: String?
  private let since: TimeReference?
  private let limit: Int
  private let verifies: Bool
  private let head: String?

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = try arguments[Self.email]
    since = try arguments[Self.since]
    limit = try arguments[Self.limit] ?? .max
    verifies = arguments[Self.verify]
    let ofLists: [any OptionDeclaration] = [Self.email, Self.since, Self.limit]
    for option in ofLists + ListOptions.declared {
      try arguments.refuse(option, with: Self.verify)
    }
    try arguments.require(Self.verify, for: Self.head)
    head = try arguments[Self.head]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    if verifies {
      let proof = try core(store.verifyAudit(including: head))
      return Summary(
        [
          ReportField("verified", ReportValue(proof.count)),
          ReportField("head", ReportValue(proof.hash)),
        ],
        answer: [
          "acts   \(proof.count), as they were written", "head   \(proof.hash ?? "none")",
        ])
    }
    let moment = since?.moment(at: context.now)
    // An account that is not there is an error, of which nothing is printed.
    let entries = try email.map { email throws(CommandError) in
      try core(store.auditEntries(ofAccount: email))
    }
    let rows = sink.list("entries", of: Row.self, as: .table(), isCounted: true)
    if let entries {
      let recent = entries.filter { entry in moment.map { entry.at >= $0 } ?? true }
      rows.push(recent.prefix(limit).map(Row.init))
      return Summary()
    }
    var last: Int64 = 0
    var remaining = limit
    while remaining > 0 {
      let batch = try core(
        store.auditEntries(after: last, since: moment, limit: min(remaining, Self.batchSize)))
      guard let newest = batch.last else { break }
      last = newest.number
      remaining -= batch.count
      guard rows.push(batch.map { Row(entry: $0.entry) }) else { break }
    }
    return Summary()
  }

  /// An act.
  private struct Row: ResultRow {
    static let columns = [
      Column("at"), Column("by"), Column("uid", isUsual: false), Column("act"), Column("email"),
      Column("reason"),
    ]

    let entry: AuditEntry

    var cells: [ReportValue] {
      [
        .instant(entry.at), .text(entry.actor.name), .integer(Int64(entry.actor.uid)),
        .text(entry.act.rawValue), ReportValue(entry.email), ReportValue(entry.reason),
      ]
    }
  }
}

extension Option where Value == String {
  /// A hash of the audit, as it is printed.
  fileprivate static func hash(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("HASH"), summary) { text throws(UsageError.Expectation) in
      guard text.utf8.count == 64, text.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
        throw .format("it has 64 digits from 0 to f")
      }
      return text
    }
  }
}
