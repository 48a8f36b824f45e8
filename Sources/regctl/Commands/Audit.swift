internal import RegctlCore

/// The `audit` command.
struct Audit: Command {
  static let columns = Row.columns

  private static let by = Option("by", ValueUsage("ACTOR"), "Only entries of this person")
  private static let act = Option<AuditEntry.Act>.act("act", "Only entries of this kind")
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
      issue-token --stdin, is one entry without an address; --email, --file and
      --stdin find these entries too, and those of accounts that were deleted or
      have another address now. --domain finds entries with an address. --since and
      --until take a date, a time such as 2026-11-23T09:00:00Z, today, yesterday or
      an age such as 1d.

      Each entry contains a hash of itself, its accounts and all earlier entries.
      --verify checks all entries, reports one that was changed, moved to another
      account or deleted, and prints their number and the newest hash. Store that
      hash elsewhere and pass it to --head the next time: then a rewritten audit is
      detected too.
      """,
    options: Selection.ofAccounts + [by, act, verify, head, ListOrder.ofTimes]
      + Selection.ofList,
    forms: ["[options]", "--verify [--head HASH]"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl audit --since 1d", "What happened since yesterday"),
      Example("regctl audit --email ann@example.org", "Entries about Ann"),
      Example("regctl audit --by carol --since 7d", "What a colleague did last week"),
      Example(
        "regctl audit --email ann@example.org --act issue-token", "Who took a link for Ann"),
      Example(
        "regctl audit --since 2026-11-01 --until 2026-11-30 --format tsv",
        "A month, for a spreadsheet"),
      Example("regctl audit --verify", "Check the hash chain"),
    ])

  private let selection: Selection
  private let by: String?
  private let act: AuditEntry.Act?
  private let order: RowOrder
  private let printsCount: Bool
  private let verifies: Bool
  private let head: String?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    selection = try Selection(arguments)
    by = try arguments[Self.by]
    act = try arguments[Self.act]
    order = try RowOrder(byTime: arguments)
    printsCount = arguments[Selection.count]
    verifies = arguments[Self.verify]
    let ofLists: [any OptionDeclaration] = [Self.by, Self.act, ListOrder.ofTimes]
    for option in Selection.ofAccounts + ofLists + Selection.ofList {
      try arguments.refuse(option, with: Self.verify)
    }
    try arguments.require(Self.verify, for: Self.head)
    head = try arguments[Self.head]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    if verifies { return try verify(in: context) }
    let words = try selection.addresses(in: context)
    let store = try context.store(context.configuration(), for: .reading)
    let named = try words.map { words throws(CommandError) in
      try Found(words) { word throws(RegctlError) in try store.auditEntries(ofAccount: word) }
    }
    var summary = named?.summary(in: context) ?? Summary()
    let filter = filter(at: context.localNow)
    if printsCount {
      let count = try filter.map { filter throws(CommandError) in
        if let named { return try entries(of: named, matching: filter, in: store).count }
        return min(try core(store.auditEntryCount(matching: filter)), selection.limit)
      }
      summary.set(count: count ?? 0)
      return summary
    }
    let rows = sink.list("entries", of: Row.self, as: .table(), isCounted: true)
    guard let filter else { return summary }
    if let named {
      rows.push(try entries(of: named, matching: filter, in: store).map(Row.init))
    } else {
      try rows.push(in: order, atMost: selection.limit, as: Row.init) {
        last, size throws(RegctlError) in
        try store.auditEntries(after: last, matching: filter, limit: size)
      }
    }
    return summary
  }

  private func verify(in context: Context) throws(CommandError) -> Summary {
    let store = try context.store(context.configuration(), for: .reading)
    let progress = WorkProgress(of: Self.name, counting: "row", in: context)
    defer { progress.end() }
    let total = progress.isShown ? try core(store.auditEntryCount(matching: AuditFilter())) : nil
    let proof = try core(
      store.verifyAudit(
        including: head, reporting: progress.isShown ? { progress.show($0, of: total) } : nil))
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

  /// The entries that are selected, but for the accounts that are named; `nil` for none.
  private func filter(at now: LocalNow) -> AuditFilter? {
    guard let (since, before) = selection.interval(at: now) else { return nil }
    var filter = AuditFilter()
    filter.since = since
    filter.before = before
    filter.domain = selection.domain
    filter.actor = by
    filter.act = act
    filter.order = order
    return filter
  }

  /// The entries about accounts that are named; one about several of them is listed once.
  private func entries(
    of named: Found<[NumberedAuditEntry]>, matching filter: AuditFilter, in store: Store
  ) throws(CommandError) -> ArraySlice<NumberedAuditEntry> {
    var numbers: Set<Int64> = []
    let entries = named.items.joined().filter { numbers.insert($0.number).inserted }
    return try core(store.auditEntries(among: entries, matching: filter)).prefix(selection.limit)
  }

  /// An audit entry.
  private struct Row: ResultRow {
    static let columns: [Column] = [
      Column("at"), Column("by", rank: 2, least: 8), Column("uid", isUsual: false, rank: 3),
      Column("act", rank: 0), .email, Column("detail", least: 8), Column("reason", least: 12),
    ]

    private let entry: AuditEntry

    init(_ numbered: NumberedAuditEntry) { entry = numbered.entry }

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
