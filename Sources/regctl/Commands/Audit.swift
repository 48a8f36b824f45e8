internal import RegctlCore

/// The `audit` command.
struct Audit: Command {
  static let columns = Row.columns

  private static let email = Option(
    "email", ValueUsage("EMAIL", .email), "Only entries about this account")
  private static let since = Option<TimeReference>.time("since", "Only entries since then")
  private static let by = Option("by", ValueUsage("ACTOR"), "Only entries of this person")
  private static let act = Option<AuditEntry.Act>.act("act", "Only entries of this kind")
  private static let newest = Switch("newest", "Begin with the newest entry")
  private static let limit = Option<Int>.count("limit", "Print at most N")
  private static let verify = Switch(
    "verify", "Only check that no entry was changed or deleted")
  private static let head = Option<String>.hash(
    "head", "With --verify: a hash printed earlier")

  static let name = "audit"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "List the actions of operators",
    description: """
      Lists the actions of operators, oldest first, or the newest first with
      --newest: when, who, what, on which account, with which detail, and why. The
      detail is what regctl adds, such as the purpose of a link or the new address;
      the reason is what the operator wrote. An action on many accounts, such as
      issue-token --stdin, is one entry without an address; --email finds these
      entries too, and those of accounts that were deleted or have another address
      now. --since takes a date, a time such as 2026-11-23T09:00:00Z, today,
      yesterday or an age such as 1d.

      Each entry contains a hash of itself, its accounts and all earlier entries.
      --verify checks all entries, reports one that was changed, moved to another
      account or deleted, and prints their number and the newest hash. Store that
      hash elsewhere and pass it to --head the next time: then a rewritten audit is
      detected too.
      """,
    options: [email, since, by, act, newest, limit, verify, head] + ListOptions.declared,
    forms: ["[options]", "--verify [--head HASH]"],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl audit --since 1d", "What happened since yesterday"),
      Example("regctl audit --email ann@example.org", "Entries about Ann"),
      Example("regctl audit --by carol --since 7d", "What a colleague did last week"),
      Example(
        "regctl audit --email ann@example.org --act issue-token", "Who took a link for Ann"),
      Example("regctl audit --since 2026-11-01 --format tsv", "A month, for a spreadsheet"),
      Example("regctl audit --verify", "Check the hash chain"),
    ])

  private let email: String?
  private let since: TimeReference?
  private let by: String?
  private let act: AuditEntry.Act?
  private let isNewestFirst: Bool
  private let limit: Int
  private let verifies: Bool
  private let head: String?

  private static let batchSize = 1000

  init(_ arguments: ParsedArguments) throws(UsageError) {
    email = try arguments[Self.email]
    since = try arguments[Self.since]
    by = try arguments[Self.by]
    act = try arguments[Self.act]
    isNewestFirst = arguments[Self.newest]
    limit = try arguments[Self.limit] ?? .max
    verifies = arguments[Self.verify]
    let ofLists: [any OptionDeclaration] = [
      Self.email, Self.since, Self.by, Self.act, Self.newest, Self.limit,
    ]
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
      let erased = proof.erased == 0 ? "" : ", \(proof.erased) of them erased"
      return Summary(
        [
          ReportField("verified", ReportValue(proof.count)),
          ReportField("erased", ReportValue(proof.erased)),
          ReportField("head", ReportValue(proof.hash)),
        ],
        answer: [
          "entries  \(proof.count), unchanged\(erased)", "head     \(proof.hash ?? "none")",
        ])
    }
    var filter = AuditFilter()
    filter.since = since?.start(at: context.now)
    filter.actor = by
    filter.act = act
    filter.order = isNewestFirst ? .newestFirst : .oldestFirst
    // An unknown account is an error, and nothing is printed then.
    let entries = try email.map { email throws(CommandError) in
      try core(store.auditEntries(ofAccount: email))
    }
    let rows = sink.list("entries", of: Row.self, as: .table(), isCounted: true)
    if let entries {
      let found = entries.filter(filter.includes)
      rows.push((isNewestFirst ? found.reversed() : found).prefix(limit).map(Row.init))
      return Summary()
    }
    var last: Int64?
    var remaining = limit
    while remaining > 0 {
      let batch = try core(
        store.auditEntries(
          after: last, matching: filter, limit: min(remaining, Self.batchSize)))
      guard let end = batch.last else { break }
      last = end.number
      remaining -= batch.count
      guard rows.push(batch.map { Row(entry: $0.entry) }) else { break }
    }
    return Summary()
  }

  /// An audit entry.
  private struct Row: ResultRow {
    static let columns: [Column] = [
      Column("at"), Column("by", rank: 2, least: 8), Column("uid", isUsual: false, rank: 3),
      Column("act", rank: 0), .email, Column("detail", least: 8), Column("reason", least: 12),
    ]

    let entry: AuditEntry

    var cells: [ReportValue] {
      [
        .instant(entry.at), .text(entry.actor.name), .integer(Int64(entry.actor.uid)),
        .text(entry.act.rawValue), ReportValue(entry.email), ReportValue(entry.facts),
        ReportValue(entry.reason),
      ]
    }
  }
}

extension Option where Value == AuditEntry.Act {
  /// A kind of audit entries, as they are listed; there are too many for the help to name.
  fileprivate static func act(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("ACT"), summary) { text throws(UsageError.Expectation) in
      try UsageError.Expectation.choice(AuditEntry.Act.self, text)
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
