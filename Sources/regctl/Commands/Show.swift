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
    let history = try core(
      History(
        of: find(in: store),
        resend: RegctlCore.Resend(configuration, force: false, revokesPrevious: false), in: store,
        at: context.now))
    let account = history.account
    let other = history.otherSpelling
    let rows = history.events.map(Row.init)
    let outlook = try core(Self.outlook(on: account, configuration, store, at: context.now))
    let lock = try core(store.lock(of: account))
    let language = try core(store.language(of: account.id))
    let advice = history.advice.message(on: account, now: context.now)
    sink.list(
      "timeline", of: Row.self,
      after: [ReportField("account", .object(account.fields + Self.fields(of: other)))], as: .none
    ).push(rows)
    return Summary(
      [
        ReportField("language", ReportValue(language?.tag)),
        ReportField("lock", lock.map { .object(Self.fields(of: $0)) } ?? .null),
        ReportField("prune", outlook.map { .object(Self.fields(of: $0)) } ?? .null),
        ReportField("advice", ReportValue(advice?.text)),
      ],
      answer: Self.lines(
        account, other, rows, language, lock: lock, outlook: outlook, advice: advice,
        context.textStyle))
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

  private static func fields(of lock: RegctlCore.Lock) -> [ReportField] {
    [
      ReportField("at", .instant(lock.at)), ReportField("by", .text(lock.actor)),
      ReportField("reason", .text(lock.reason)), ReportField("domain", ReportValue(lock.domain)),
    ]
  }

  /// Who locked an account or its domain, when and why.
  private static func words(on lock: RegctlCore.Lock) -> String {
    "\(lock.domain.map { "@\($0) " } ?? "")since \(lock.at.displayText) by "
      + "\(TerminalText.escape(lock.actor)): \(TerminalText.escape(lock.reason))"
  }

  /// An event of the account's history.
  private struct Row: ResultRow {
    static let columns = [
      Column("at"), Column("event"), Column("by"), Column("mail"), Column("attempt"),
      Column("status"), Column("next_attempt_at"), Column("run"), Column("detail"),
    ]

    let event: HistoryEvent

    var cells: [ReportValue] {
      [
        ReportValue(event.at), .text(event.kind.code), ReportValue(event.actor),
        ReportValue(event.mail?.rawValue), ReportValue(event.attempt.map(Int64.init)),
        ReportValue(event.status), ReportValue(event.nextAttemptAt), ReportValue(event.run),
        ReportValue(event.detail),
      ]
    }

    /// The cells of a line for people: time, event, person, and a detail.
    var line: [String] {
      [ReportValue(event.at), .text(name), ReportValue(event.actor), ReportValue(detail)]
        .map { TextRenderer.text($0) }
    }

    /// The colour of the event.
    var color: StateColor? { StateColor(event.kind.code) }

    /// The event with the mail that it is about.
    private var name: String {
      switch event.kind {
      case .act(let act): return act.rawValue
      case .emailChangeVoided: return "email change voided"
      default:
        let words = event.kind.code.split(separator: "_")
        guard let mail = event.mail, words.count == 2 else { return event.kind.code }
        return "\(words[0]) \(mail.rawValue) \(words[1])"
      }
    }

    /// The detail with the number of the attempt, but for a mail that was accepted at the first.
    private var detail: String? {
      let isUsual = event.kind == .mailSent && event.attempt == 1
      guard let attempt = event.attempt, !isUsual else { return event.detail }
      let next = event.nextAttemptAt.map { ", next try \($0.displayText)" } ?? ""
      let reply =
        event.kind == .mailInterrupted
        ? "regctl died, the mail may have been accepted" : event.detail
      return "attempt \(attempt)\(next)" + (reply.map { ": \($0)" } ?? "")
    }
  }

  private func find(in store: Store) throws(RegctlError) -> Account {
    do throws(RegctlError) {
      return try store.account(named: word)
    } catch .account(.notFound) {
      let similar = try store.addresses(similarTo: word)
      throw .account(similar.isEmpty ? .notFound(word) : .notFoundButSimilar(word, similar))
    }
  }

  private static func lines(
    _ account: Account, _ other: OtherSpelling?, _ rows: [Row], _ language: MailLanguage?,
    lock: RegctlCore.Lock?, outlook: PruneOutlook?, advice: Hint?, _ style: TextStyle
  ) -> [String] {
    let kind = account.isAdmin ? "administrator" : "account"
    let state =
      account.isConfirmed
      ? "confirmed\(account.confirmedOn.map { " on \($0.displayText)" } ?? "")" : "not confirmed"
    let address = [account.email, other?.text].compactMap { $0.map(TerminalText.escape) }
      .joined(separator: ", also spelled ")
    return ["\(address): \(kind) \(account.id.rawValue), \(state)"]
      + Timeline(rows.map { ($0.line, $0.color) }, style).lines
      + (language.map { ["language: \($0.tag)"] } ?? [])
      + (lock.map { ["locked: \(words(on: $0))"] } ?? [])
      + (outlook.map { ["prune: \($0.message)"] } ?? [])
      + (advice.map { lines(of: $0, style) } ?? [])
  }

  /// The advice; where its line does not fit, the command is on a line of its own, to be pasted.
  private static func lines(of advice: Hint, _ style: TextStyle) -> [String] {
    let line = "advice: \(advice.text)"
    guard let width = style.width, DisplayWidth.of(line) > width,
      let command = advice.parts.command
    else { return [line] }
    let prose = "advice: \(advice.parts.prose)"
    let trimmed = String(
      prose.prefix(prose.utf8.last == UInt8(ascii: " ") ? prose.count - 1 : .max))
    return TextWrap.lines(trimmed, width: width, indent: 2)
      + TextWrap.command(command, width: width)
  }
}
