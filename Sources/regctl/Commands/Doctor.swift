internal import RegctlCore

/// The `doctor` command.
struct Doctor: Command {
  static let columns = [
    Column("check"), Column("result"), Column("detail"), Column("advice"),
  ]

  static let name = "doctor"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Check that everything is in order",
    description: """
      Checks the configuration, the database and its schema, the signing keys, the
      mail settings and templates, and goes the way to the mail server as far as it
      would take a mail: addresses, connection, TLS and certificate, AUTH. It sends
      nothing and changes nothing. What is wrong is listed with what to do.
      """,
    options: ListOptions.usage,
    exitCodes: [.ok, .refused, .usage, .inputOutput],
    examples: [Example("regctl doctor", "After setting up, and when mail does not arrive")])

  init(_ arguments: ParsedArguments) throws(UsageError) {}

  /// What one check found.
  private struct Finding {
    let check: String
    let detail: String
    let advice: String?
    let isGood: Bool

    var row: [ReportValue] {
      [
        .text(check), .text(isGood ? "ok" : "failed"), .text(detail), ReportValue(advice),
      ]
    }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let checks = Self.checks(in: context)
    var rest = checks[...]
    var failed = 0
    let findings = RowList(key: "checks", columns: Self.columns) { () throws(CommandError) in
      guard let (name, check) = rest.popFirst() else { return nil }
      let finding = Self.finding(name, by: check, in: context)
      if !finding.isGood { failed += 1 }
      return [finding.row]
    }
    var report = Report.list(findings)
    report.conclusion = {
      failed == 0 ? .success : .failure(.partial(failed: failed, of: checks.count))
    }
    return report
  }

  private typealias Check = () throws(CommandError) -> String

  private static func finding(_ name: String, by check: Check, in context: Context) -> Finding {
    do throws(CommandError) {
      return Finding(check: name, detail: try check(), advice: nil, isGood: true)
    } catch {
      let diagnostic = Diagnostic(
        error, now: context.now, isVerbose: context.globals.verbose)
      return Finding(
        check: name, detail: diagnostic.message, advice: diagnostic.hint, isGood: false)
    }
  }

  private static func checks(in context: Context) -> [(String, Check)] {
    [
      (
        "configuration",
        { () throws(CommandError) in
          let set = try context.configuration().effective.count { $0.origin != .builtIn }
          return "\(set) \(set == 1 ? "setting" : "settings") differ from the built-in ones"
        }
      ),
      (
        "database",
        { () throws(CommandError) in
          let configuration = try context.configuration()
          _ = try context.store(configuration, for: .strictlyReadOnly)
          return "\(TerminalText.escape(configuration.db)) has the schema of this version"
        }
      ),
      (
        "keys",
        { () throws(CommandError) in
          let configuration = try context.configuration()
          let keys = try core { () throws(RegctlError) in
            try configuration.keyRing(uid: context.uid)
          }
          return "\(keys.count) \(keys.count == 1 ? "key" : "keys") in "
            + TerminalText.escape(configuration.effectiveSecretKeyFile)
        }
      ),
      (
        "mail",
        { () throws(CommandError) in
          let configuration = try context.configuration()
          try core { () throws(RegctlError) in
            try Courier.check(configuration)
            _ = try MailComposer(configuration)
          }
          let source = configuration.templatesDirectory.map(TerminalText.escape) ?? "built-in"
          return
            "by \(configuration.effectiveTransport?.rawValue ?? "nothing"), templates \(source)"
        }
      ),
      ("mail server", { () throws(CommandError) in try mailServer(in: context) }),
    ]
  }

  /// Goes the way to the mail server; what was found on it, in a line.
  private static func mailServer(in context: Context) throws(CommandError) -> String {
    let configuration = try context.configuration()
    let probe = try core { () throws(RegctlError) in
      try MailProbe.reaching(configuration, uid: context.uid)
    }
    guard let probe else { return "none is needed" }
    var way: [String] = []
    while let step = probe.next() {
      switch step {
      case .failed(let error): throw .core(.delivery(error))
      case .connected, .secured: way.append(TerminalText.escape(step.detail))
      case .replied(to: "AUTH", let reply): way.append("AUTH: \(TerminalText.escape(reply))")
      default: break
      }
    }
    return way.joined(separator: "; ")
  }
}
