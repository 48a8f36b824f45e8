internal import Base
internal import RegctlCore

/// The `doctor` command.
struct Doctor: Command {
  static let columns = Row.columns

  static let name = "doctor"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Check configuration, database, keys and mail",
    description: """
      Checks the configuration; the permissions, schema and every page of the
      database; tables, indexes and triggers that another program removed; addresses
      with several spellings, invalid hashes and dates, the tutorial's
      administrator, the clock, mails that are not sent; the signing keys; the mail
      settings and templates. Of a database server: its version, replication,
      durability, rights, collations and clock, and a pooler before it. It connects
      to the mail server as for a mail: addresses, connection, TLS and certificate,
      AUTH; if its port does not answer, it tries others. It looks up the SPF and
      DMARC records of the sender's domain, as advice. It sends nothing and changes
      nothing. Each problem is listed with its solution.
      """,
    options: ListOptions.declared,
    exitCodes: [.ok, .refused, .usage, .inputOutput],
    examples: [Example("regctl doctor", "After setting up, and when mail does not arrive")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  /// The result of a check, or one of its findings.
  fileprivate struct Row: ResultRow {
    static let columns = [
      Column("check", width: 13, rank: 0), Column("result", rank: 0, isState: true),
      Column("detail", width: 48, least: 8), Column("advice", least: 8),
    ]

    let check: String
    let isGood: Bool
    let detail: String
    let advice: String?

    var cells: [ReportValue] {
      [.text(check), .text(isGood ? "ok" : "failed"), .text(detail), ReportValue(advice)]
    }
  }

  /// The result of a check.
  enum CheckResult {
    case good(String)
    case bad([(detail: String, advice: String?)])
    /// The check passed, with recommendations.
    case advisable([Finding])
    /// The check does not apply and has no row.
    case nothing

    init(_ findings: [Finding], else good: String) {
      self = findings.isEmpty ? .good(good) : .bad(findings.map { ($0.message, $0.advice.text) })
    }

    var isGood: Bool { if case .bad = self { false } else { true } }

    fileprivate func rows(_ name: String) -> [Row] {
      switch self {
      case .good(let detail): [Row(check: name, isGood: true, detail: detail, advice: nil)]
      case .advisable(let findings):
        findings.map {
          Row(check: name, isGood: true, detail: $0.message, advice: $0.advice.text)
        }
      case .nothing: []
      case .bad(let faults):
        faults.map { Row(check: name, isGood: false, detail: $0.detail, advice: $0.advice) }
      }
    }
  }

  /// A check with its name.
  struct Check {
    let name: String
    /// Whether the remaining checks of the section are skipped when this one fails.
    var isFoundation = false
    let run: () throws(CommandError) -> CheckResult
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let rows = sink.list("checks", of: Row.self, as: .records)
    let count = FailureCount(in: context)
    let progress = CheckProgress(in: context)
    sections: for section in Self.sections(in: context, progress) {
      for check in section {
        progress.begin(check.name)
        let result = Self.result(by: check, in: context)
        progress.end()
        if case .nothing = result { continue }
        rows.push(result.rows(check.name))
        if result.isGood {
          count.succeed()
          continue
        }
        count.countFailure()
        if check.name == "configuration" { break sections }
        if check.isFoundation { break }
      }
    }
    return count.summary
  }

  private static func result(by check: Check, in context: Context) -> CheckResult {
    do throws(CommandError) {
      return try check.run()
    } catch {
      let diagnostic = context.diagnostic(error)
      return .bad([(diagnostic.message, diagnostic.hint)])
    }
  }

  /// The sections of checks, in order; each section may depend on the ones before it.
  private static func sections(
    in context: Context, _ progress: CheckProgress
  ) -> [[Check]] {
    [
      [
        Check(name: "configuration") { () throws(CommandError) in
          let set = try context.configuration().effective.count { $0.origin != .builtIn }
          return .good(
            "\(set) \(set == 1 ? "setting differs" : "settings differ") from the built-in ones")
        }
      ],
      [Check(name: "denied domains") { () throws(CommandError) in try deniedDomains(in: context) }],
      databaseChecks(in: context, progress),
      [
        Check(name: "keys") { () throws(CommandError) in try keys(in: context) }
      ],
      [
        Check(name: "redirection") { () throws(CommandError) in
          let address = try context.configuration().mailRedirectAll
          return address.map { .advisable([.mailsRedirected(to: $0)]) } ?? .nothing
        },
        Check(name: "mail", isFoundation: true) { () throws(CommandError) in
          try mail(in: context)
        },
        Check(name: "sender domain") { () throws(CommandError) in
          try senderDomain(in: context)
        },
        Check(name: "mail server") { () throws(CommandError) in try mailServer(in: context) },
      ],
    ]
  }

  // MARK: Database

  private static func databaseChecks(
    in context: Context, _ progress: CheckProgress
  ) -> [Check] {
    func check(
      _ name: String, _ good: String, isFoundation: Bool = false,
      _ run: @escaping (Store) throws(RegctlError) -> [Finding]
    ) -> Check {
      Check(name: name, isFoundation: isFoundation) { () throws(CommandError) in
        let store = try progress.store(context.configuration(), in: context)
        return CheckResult(try core(run(store)), else: good)
      }
    }
    let now = context.now
    return serverChecks(in: context) + [
      Check(name: "database", isFoundation: true) { () throws(CommandError) in
        let configuration = try context.configuration()
        let store = try progress.store(configuration, in: context)
        let findings = try core([store.damage(), store.schemaFinding()].compactMap { $0 })
        return CheckResult(
          findings,
          else: "\(TerminalText.escape(configuration.db.text)) is intact and has the current schema"
        )
      },
      check("users table", "matches the application", isFoundation: true) {
        store throws(RegctlError) in
        try [store.usersTableFinding()].compactMap { $0 }
      },
      Check(name: "migrations") { () throws(CommandError) in
        let store = try progress.store(context.configuration(), in: context)
        return try core(store.alembicFinding()).map { .advisable([$0]) } ?? .nothing
      },
      check("schema", "all tables, indexes and triggers are there", isFoundation: true) {
        store throws(RegctlError) in
        try [store.objectFinding()].compactMap { $0 }
      },
      check("rows", "all values are valid") { store throws(RegctlError) in
        try [store.rowFinding()].compactMap { $0 }
      },
      Check(name: "permissions") { () throws(CommandError) in
        let store = try progress.store(context.configuration(), in: context)
        guard let findings = try core(store.permissionFindings()) else { return .nothing }
        return CheckResult(findings, else: "the database is not accessible to others")
      },
      check("addresses", "each has one spelling") { store throws(RegctlError) in
        try [store.addressFinding()].compactMap { $0 }
      },
      Check(name: "passwords") { () throws(CommandError) in
        let configuration = try context.configuration()
        let store = try progress.store(configuration, in: context)
        let scheme = configuration.passwordPolicy.scheme
        let findings = try core(
          store.passwordFindings()
            + [store.administratorFinding(), store.schemeFinding(configured: scheme)]
            .compactMap { $0 })
        return CheckResult(findings, else: "all are known hashes or unset")
      },
      check("dates", "none is missing or invalid") { store throws(RegctlError) in
        try store.dateFindings(at: now)
      },
      Check(name: "time zone") { () throws(CommandError) in
        let store = try progress.store(context.configuration(), in: context)
        if let finding = try core(store.zoneFinding()) { return .advisable([finding]) }
        let zone = try core(store.accountZoneName())
        return .good(zone.map { "the dates are in \($0)" } ?? "no date is in local time")
      },
      Check(name: "mail source") { () throws(CommandError) in
        let configuration = try context.configuration()
        let store = try progress.store(configuration, in: context)
        let finding = try core(store.mailsFinding(isAnswered: configuration.saysWhoMails))
        return finding.map { .advisable([$0]) } ?? .nothing
      },
      check("clock", "no record is dated in the future") { store throws(RegctlError) in
        try [store.clockFinding(at: now)].compactMap { $0 }
      },
      check("audit", "all entries are unchanged") { store throws(RegctlError) in
        try [store.auditFinding()].compactMap { $0 }
      },
      check("outbox", "no mail has been due for an hour") { store throws(RegctlError) in
        try [store.outboxFinding(at: now)].compactMap { $0 }
      },
      Check(name: "refusals") { () throws(CommandError) in
        let store = try progress.store(context.configuration(), in: context)
        return .good(try core(store.refusals(since: now - .seconds(86_400))).message)
      },
    ]
  }

  // MARK: Keys, domains and mail

  private static func deniedDomains(in context: Context) throws(CommandError) -> CheckResult {
    let configuration = try context.configuration()
    guard let domains = try core(DeniedDomains(configuration, uid: context.uid)) else {
      return .nothing
    }
    let path = TerminalText.escape(domains.path)
    return .good("\(Plural.count(try core(domains.count()), "domain")) in \(path)")
  }

  private static func keys(in context: Context) throws(CommandError) -> CheckResult {
    let configuration = try context.configuration()
    let keys = try core(configuration.keyRing(uid: context.uid))
    let path = TerminalText.escape(configuration.effectiveSecretKeyFile)
    let weak = try core(configuration.weakness(of: keys, uid: context.uid))
    if let (position, weakness) = weak {
      return .bad([
        (
          "key \(position) of \(path) \(Diagnostic.words(for: weakness))",
          "correct it in the application and here, then remove allow_weak_secret"
        )
      ])
    }
    if configuration.allowsWeakSecret {
      return .bad([("allow_weak_secret is set, and no key is weak", "remove allow_weak_secret")])
    }
    return .good("\(keys.count) \(keys.count == 1 ? "key" : "keys") in \(path)")
  }

  private static func mail(in context: Context) throws(CommandError) -> CheckResult {
    let configuration = try context.configuration()
    try core(Deliverer.check(configuration, uid: context.uid))
    try core(MailProbe.checkPlaces(configuration, uid: context.uid))
    _ = try core(MailComposer(configuration, uid: context.uid))
    let source = configuration.templatesDirectory.map(TerminalText.escape) ?? "built-in"
    return .good(
      "by \(configuration.effectiveTransport?.rawValue ?? "nothing"), templates \(source)")
  }

  /// How long DNS may take, or ports of the mail server, beside the usual time limits.
  private static let lookLimit = Duration.seconds(3)

  /// Looks up the records by which receivers judge mail of the sender's domain.
  private static func senderDomain(in context: Context) throws(CommandError) -> CheckResult {
    guard let records = SenderRecords(for: try context.configuration()) else { return .nothing }
    let findings = records.findings(within: lookLimit)
    if !findings.isEmpty { return .advisable(findings.map(Finding.sender)) }
    return .good("\(TerminalText.escape(records.senderDomain)) has SPF and DMARC records")
  }

  /// Connects to the mail server; the result is on one line.
  private static func mailServer(in context: Context) throws(CommandError) -> CheckResult {
    let configuration = try context.configuration()
    let probe = try core(MailProbe.reaching(configuration, uid: context.uid))
    guard let probe else { return .good("none is needed") }
    var way: [String] = []
    var hasSMTPUTF8 = false
    while let step = probe.next() {
      switch step {
      case .failed(let error):
        // A server that was found and not connected to may answer at another port.
        let ports = way.isEmpty ? PortReport(for: configuration, within: lookLimit) : nil
        guard let ports else { throw .core(.delivery(error)) }
        return .bad([
          (
            "\(Diagnostic(error).message); \(ports.message)",
            ports.advice(hasPort: configuration.mailPort != nil).text
          )
        ])
      case .connected, .secured: way.append(TerminalText.escape(step.detail))
      // The last of two with STARTTLS counts.
      case .replied(to: "EHLO", let reply):
        hasSMTPUTF8 = reply.utf8.split(separator: UInt8(ascii: " "))
          .contains { $0.elementsEqual("SMTPUTF8".utf8) }
      case .replied(to: "AUTH", let reply): way.append("AUTH: \(TerminalText.escape(reply))")
      default: break
      }
    }
    if configuration.allowsSMTPUTF8, !hasSMTPUTF8 {
      way.append("it does not offer SMTPUTF8, so that mails to addresses that need it wait")
    }
    return .good(way.joined(separator: "; "))
  }
}
