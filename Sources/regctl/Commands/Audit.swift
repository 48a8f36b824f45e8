internal import RegctlCore

/// The `audit` command.
struct Audit: Command {
  static let columns = [
    Column("at"), Column("by"), Column("uid", isUsual: false), Column("act"), Column("email"),
    Column("reason"),
  ]

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
    options: [
      OptionUsage("email", ValueUsage("EMAIL", .email), "Only what was done to this account"),
      OptionUsage("since", ValueUsage("TIME|AGE", .duration), "Only what is not older"),
      OptionUsage("limit", ValueUsage("N", .number), "At most so many"),
      OptionUsage("verify", "List nothing; check that no act was changed or taken away"),
      OptionUsage("head", ValueUsage("HASH"), "With --verify: a hash that it printed earlier"),
    ] + ListOptions.usage,
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
    email = arguments.value("email")
    since = try arguments.timeReference("since")
    limit = try arguments.count("limit") ?? .max
    verifies = arguments.has("verify")
    for option in ["email", "since", "limit", "fields", "no-header"] {
      try arguments.refuse(option, with: "verify")
    }
    try arguments.require("head", with: "verify")
    head = arguments.value("head")
    if let head, head.utf8.count != 64 || !head.utf8.allSatisfy("0123456789abcdef".utf8.contains) {
      throw arguments.invalid("head", head, .format("it has 64 digits from 0 to f"))
    }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let store = try context.store(context.configuration(), for: .reading)
    if verifies { return try verify(store) }
    let moment = since?.moment(at: context.now)
    if let email {
      let entries = try core { () throws(RegctlError) in
        try store.auditEntries(ofAccount: email)
      }
      let recent = entries.filter { entry in moment.map { entry.at >= $0 } ?? true }
      var list = RowList.known("entries", Self.columns, recent.prefix(limit).map(Self.row))
      list.isCounted = true
      return .list(list)
    }
    var last: Int64 = 0
    var remaining = limit
    return .list(
      RowList(
        key: "entries", columns: Self.columns,
        nextBatch: { () throws(CommandError) in
          guard remaining > 0 else { return nil }
          let batch = try core { () throws(RegctlError) in
            try store.auditEntries(
              after: last, since: moment, limit: min(remaining, Self.batchSize))
          }
          guard let newest = batch.last else { return nil }
          last = newest.number
          remaining -= batch.count
          return batch.map { Self.row($0.entry) }
        }, isCounted: true))
  }

  private func verify(_ store: Store) throws(CommandError) -> Report {
    let proof = try core { () throws(RegctlError) in try store.verifyAudit(including: head) }
    return Report(
      fields: [
        ReportField("verified", .integer(Int64(proof.count))),
        ReportField("head", ReportValue(proof.hash)),
      ],
      prose: .lines([
        "acts   \(proof.count), as they were written", "head   \(proof.hash ?? "none")",
      ]))
  }

  private static func row(_ entry: AuditEntry) -> [ReportValue] {
    [
      .instant(entry.at), .text(entry.actor.name), .integer(Int64(entry.actor.uid)),
      .text(entry.act.rawValue), ReportValue(entry.email), ReportValue(entry.reason),
    ]
  }
}
