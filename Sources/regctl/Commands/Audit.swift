internal import RegctlCore

/// The `audit` command.
struct Audit: Command {
  static let columns = Row.columns

  private static let email = Option(
    "email", ValueUsage("EMAIL", .email), "Only entries about this account")
  private static let since = Option<TimeReference>.time("since", "Only entries since then")
  private static let limit = Option<Int>.count("limit", "Print at most N")
  private static let verify = Switch(
    "verify", "Only check that no entry was changed or deleted")
  private static let head = Option<String>.hash(
    "head", "With --verify: a hash printed earlier")

  static let name = "audit"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List the actions of operators",
    description: """
      Lists the actions of operators, oldest first: when, who, what, on which
      account and why. An action on many accounts, such as issue-token --stdin, is
      one entry without an address; --email finds these entries too, and those of
      accounts that were deleted or have another address now. --since takes a date,
      a time such as 2026-11-23T09:00:00Z, today, yesterday or an age such as 1d.

      Each entry contains a hash of itself, its accounts and all earlier entries.
      --verify checks all entries, reports one that was changed, moved to another
      account or deleted, and prints their number and the newest hash. Store that
      hash elsewhere and pass it to --head the next time: then a rewritten audit is
      detected too.
      """,
    options: [email, since, limit, verify, head] + ListOptions.declared,
    forms: ["[options]", "--verify [--head HASH]"],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl audit --since 1d", "What happened since yesterday"),
      Example("regctl audit --email ann@example.org", "Entries about Ann"),
      Example("regctl audit --since 2026-11-01 --format tsv", "A month, for a spreadsheet"),
      Example("regctl audit --verify", "Check the hash chain"),
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
          "entries  \(proof.count), unchanged", "head     \(proof.hash ?? "none")",
        ])
    }
    let moment = since?.start(at: context.now)
    // An unknown account is an error, and nothing is printed then.
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

  /// An audit entry.
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
  /// A hash of an audit entry, as printed.
  fileprivate static func hash(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("HASH"), summary) { text throws(UsageError.Expectation) in
      guard text.utf8.count == 64, text.utf8.allSatisfy("0123456789abcdef".utf8.contains) else {
        throw .format("must have 64 hexadecimal digits")
      }
      return text
    }
  }
}
