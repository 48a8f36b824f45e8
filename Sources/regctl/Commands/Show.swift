internal import Base
internal import RegctlCore

/// The `show` command.
struct Show: Command {
  static let name = "show"
  static let usage = CommandUsage(
    name: name, group: .accounts, summary: "Show an account, its history and the next step",
    description: """
      Shows an account and its history: when it was registered, every mail with the
      reply of the server, tokens issued, actions of operators with the reason, when
      prune would delete it or why not, and the command to use next. A number is the
      id of an account.
      """,
    operands: [OperandUsage("EMAIL|ID", .email)],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [Example("regctl show ann@example.org", "While Ann is on the phone")])

  private let word: String

  init(_ arguments: ParsedArguments) throws(UsageError) { word = arguments.onlyOperand }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: .reading)
    let history = try core(History(of: find(in: store), in: store))
    let account = history.account
    let other = history.otherSpelling
    let rows = history.events.map(Row.init)
    let outlook = try core(Self.outlook(on: account, configuration, store, at: context.now))
    let advice = Self.words(for: history.advice, account: account, now: context.now)?.text
    sink.list(
      "timeline", of: Row.self,
      after: [ReportField("account", .object(account.fields + Self.fields(of: other)))], as: .none
    ).push(rows)
    return Summary(
      [
        ReportField("prune", outlook.map { .object(Self.fields(of: $0)) } ?? .null),
        ReportField("advice", ReportValue(advice)),
      ],
      answer: Self.lines(account, other, rows, outlook: outlook, advice: advice))
  }

  /// What prune would do with the account by the configured age; `nil` if it is never pruned.
  private static func outlook(
    on account: Account, _ configuration: Configuration, _ store: Store, at now: Instant
  ) throws(RegctlError) -> PruneOutlook? {
    guard case .finite(let age) = configuration.pruneAfter else { return nil }
    let prune = RegctlCore.Prune(
      olderThan: age, at: now, maximum: nil, includesNeverMailed: false, configuration)
    return try prune.outlook(on: account, at: now, in: store)
  }

  /// The key of the spelling that `email` does not have.
  private static func fields(of other: OtherSpelling?) -> [ReportField] {
    switch other {
    case .ascii(let text): [ReportField("ascii_email", .text(text))]
    case .unicode(let text): [ReportField("unicode_email", .text(text))]
    case nil: []
    }
  }

  private static func fields(of outlook: PruneOutlook) -> [ReportField] {
    var (moment, reason): (Instant?, PruneCandidate.KeepReason?)
    switch outlook {
    case .after(let earliest): moment = earliest
    case .kept(let why): reason = why
    case .nextRun: break
    }
    return [
      ReportField("after", ReportValue(moment)),
      ReportField("reason", ReportValue(reason?.rawValue)),
    ]
  }

  private static func words(on outlook: PruneOutlook) -> String {
    switch outlook {
    case .after(let moment): "after \(moment.minuteText)"
    case .nextRun: "by the next run"
    case .kept(let reason): "kept, \(reason.rawValue)"
    }
  }

  /// An event of the account's history.
  private struct Row: ResultRow {
    static let columns = [Column("at"), Column("event"), Column("by"), Column("detail")]

    let event: History.Event

    var cells: [ReportValue] {
      [
        ReportValue(event.at), .text(Show.name(of: event.kind)), ReportValue(event.actor),
        ReportValue(event.detail),
      ]
    }
  }

  private func find(in store: Store) throws(RegctlError) -> Account {
    if !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }), let id = Int64(word) {
      guard let account = try store.account(AccountID(rawValue: id)) else {
        throw .account(.notFound(word))
      }
      return account
    }
    do throws(RegctlError) {
      return try store.account(word)
    } catch .account(.notFound) {
      let similar = try store.addresses(similarTo: word)
      throw .account(similar.isEmpty ? .notFound(word) : .notFoundButSimilar(word, similar))
    }
  }

  private static func lines(
    _ account: Account, _ other: OtherSpelling?, _ rows: [Row], outlook: PruneOutlook?,
    advice: String?
  ) -> [String] {
    let kind = account.isAdmin ? "administrator" : "account"
    let state =
      account.isConfirmed
      ? "confirmed\(account.confirmedOn.map { " on \($0.minuteText)" } ?? "")" : "not confirmed"
    let cells = rows.map { $0.cells.map(TextRenderer.text) }
    var timeline: [UInt8] = []
    TextRenderer.appendAligned(cells, widths: TextRenderer.widths(of: cells), to: &timeline)
    let events = String(decoding: timeline, as: UTF8.self)
      .split(separator: "\n").map { "  \($0)" }
    let address = [account.email, other?.text].compactMap { $0.map(TerminalText.escape) }
      .joined(separator: ", also spelled ")
    var lines = ["\(address): \(kind) \(account.id.rawValue), \(state)"]
    lines += events
    if let outlook { lines.append("prune: \(words(on: outlook))") }
    if let advice { lines.append("advice: \(advice)") }
    return lines
  }

  private static func name(of kind: History.Event.Kind) -> String {
    switch kind {
    case .registered: "registered"
    case .confirmed: "confirmed"
    case .mailQueued(let id): "mail \(id.rawValue) queued"
    case .mailFinished(let id, let state): "mail \(id.rawValue) \(state.rawValue)"
    case .act(let act): act.rawValue
    case .emailChangeVoided: "email change voided"
    }
  }

  private static func words(
    for advice: History.Advice, account: Account, now: Instant
  ) -> Hint? {
    switch advice {
    case .nothing: return nil
    case .deliver(let since):
      return "a mail has waited for \(now - since): \(ShellCommand("regctl deliver"))"
    case .resend:
      return "send a new link: \(ShellCommand("regctl resend", account.email))"
    case .fixAddress(let reply, let likely):
      let said: Hint = reply.map { " (\(quoting: $0))" } ?? ""
      let meant: Hint = likely.map { "; \(quoting: $0) may be meant" } ?? ""
      return "the mail was refused\(said): check the address with its owner\(meant)"
    case .confirmChange(let new):
      let another = ShellCommand("regctl change-email", account.email, new)
      return "\(quoting: new) waits for its link; to mail another: \(another)"
    case .namesake(let email):
      let show = ShellCommand("regctl show", email)
      return "\(quoting: email) is confirmed, the same in another spelling: \(show)"
    }
  }
}
