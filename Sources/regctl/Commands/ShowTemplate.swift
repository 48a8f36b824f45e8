internal import RegctlCore

/// The `show-template` command.
struct ShowTemplate: Command {
  private static let language = Option<MailLanguage>.language(
    "lang", "In a language, such as de or pt-BR")
  private static let html = Switch("html", "Print the HTML part")

  static let name = "show-template"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Show a mail made of its templates and sample data",
    description: """
      Shows the subject and the text part of a mail, or its HTML part, as made of
      the templates in templates_dir or of those that are built in. The address, the
      token and the date are samples, and the other values are those of regctl.conf,
      or samples where it has none. The language is mail_language without --lang.
      NAME is confirm, reset, change-email, changed-notice, invite or reminder. All
      templates must be valid. It opens no database.
      """,
    operands: [OperandUsage("NAME", .choice(MailKind.allCases.map(\.rawValue)))],
    options: [language, html],
    exitCodes: [.ok, .usage, .noInput, .inputOutput, .noPermission, .configuration],
    examples: [
      Example("regctl show-template confirm", "What a new user gets"),
      Example("regctl show-template reset --lang de", "The same for a password, in German"),
      Example("regctl show-template confirm --html > confirm.html", "To look at in a browser"),
    ])

  private let kind: MailKind
  private let language: MailLanguage?
  private let isHTML: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    kind = try arguments.choice(ofOperand: "NAME", MailKind.self)
    language = try arguments[Self.language]
    isHTML = arguments[Self.html]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let sample = try core(
      MailSample(kind, in: language, configuration, uid: context.uid, at: context.now))
    let text = isHTML ? sample.html : "Subject: \(sample.subject)\n\n\(sample.text)"
    // By scalars: CRLF is one Character.
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      .map { String($0) }
    if lines.last == "" { lines.removeLast() }
    if context.terminal.outputIsTerminal { lines = lines.map { TerminalText.escape($0) } }
    var summary = Summary(
      [
        ReportField("template", .text(kind.rawValue)),
        ReportField("lang", ReportValue(language?.tag)),
        ReportField("subject", .text(sample.subject)), ReportField("text", .text(sample.text)),
        ReportField("html", .text(sample.html)),
      ], answer: lines)
    summary.isForPrograms = true
    return summary
  }
}
