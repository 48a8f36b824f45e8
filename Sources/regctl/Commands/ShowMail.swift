internal import RegctlCore

/// The `show-mail` command.
struct ShowMail: Command {
  static let name = "show-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Show a mail, or compose it as it would be sent",
    description: """
      Shows what is known of a mail: whose it is, its state and attempts, what the
      other side said, and whether it would be sent now. With --raw it is composed
      as it would be sent, with header and both parts and the token masked;
      --with-token puts a valid token in, which is written down like issue-token.
      """,
    operands: [OperandUsage("ID", .mail)],
    options: [
      OptionUsage("raw", "Print the mail itself"),
      OptionUsage("with-token", "With --raw: put a valid token in"),
    ],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl show-mail 1", "Why has Ann no mail?"),
      Example("regctl show-mail 1 --raw", "What the mail looks like"),
    ])

  private let mail: MailID
  private let isRaw: Bool
  private let hasToken: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    mail = try arguments.mails()[0]
    isRaw = arguments.has("raw")
    hasToken = arguments.has("with-token")
    if hasToken, !isRaw { throw arguments.error(.requires("--with-token", "--raw")) }
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: hasToken ? .writing : .reading)
    let entry = try core { () throws(RegctlError) in
      guard let entry = try store.mail(mail) else {
        throw .mail(.notFound("\(mail.rawValue)"))
      }
      return entry
    }
    return isRaw
      ? try raw(entry, in: store, configuration, context)
      : Self.report(on: entry, now: context.now)
  }

  private func raw(
    _ entry: OutboxEntry, in store: Store, _ configuration: Configuration, _ context: Context
  ) throws(CommandError) -> Report {
    let bytes = try core { () throws(RegctlError) in
      let preview = try DeliveryPreview(
        store: store, configuration: configuration, uid: context.uid)
      return hasToken
        ? try preview.composition(of: entry, at: context.now, by: context.actor)
        : try preview.maskedComposition(of: entry, at: context.now)
    }
    // With the line ends of this system, as a mail in a file has.
    let text = String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    return Report(
      prose: .verbatim(context.terminal.outputIsTerminal ? TerminalText.escapeLines(text) : text))
  }

  private static func report(on mail: OutboxEntry, now: Instant) -> Report {
    let fields = ListOutbox.fields(of: mail)
    let width = fields.map(\.name.utf8.count).max() ?? 0
    let lines = fields.map { field in
      field.name + String(repeating: " ", count: width + 2 - field.name.utf8.count)
        + TextRenderer.text(field.value)
    }
    return Report(
      fields: [ReportField("mail", .object(fields))], prose: .lines(lines))
  }
}
