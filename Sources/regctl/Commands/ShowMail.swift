internal import RegctlCore

/// The `show-mail` command.
struct ShowMail: Command {
  private static let raw = Switch("raw", "Print the mail itself")
  private static let withToken = Switch("with-token", "With --raw: include a valid token")

  static let name = "show-mail"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Show a mail, or its text as it would be sent",
    description: """
      Shows a mail: its recipient, state, attempts and last reply, and whether it
      would be sent now. EMAIL means the newest mail of that account. With --raw the
      mail is composed as it would be sent, with header and both parts, and the
      token masked; --with-token includes a valid token, which the audit records
      like issue-token.
      """,
    operands: [OperandUsage("ID|EMAIL", .mail)],
    options: [raw, withToken, StatedReason.option],
    exitCodes: [
      .ok, .usage, .noInput, .noUser, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl show-mail ann@example.org", "Why did Ann get no mail?"),
      Example("regctl show-mail 1 --raw", "What the mail looks like"),
    ])

  private let mail: MailReference
  private let isRaw: Bool
  private let hasToken: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    mail = try arguments.mails()[0]
    isRaw = arguments[Self.raw]
    hasToken = arguments[Self.withToken]
    try arguments.require(Self.raw, for: Self.withToken)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: hasToken ? .writing : .reading)
    let entry = try find(in: store)
    if !isRaw { return Self.summary(of: OutboxRow(mail: entry).fields) }
    let bytes = try core(compose(entry, in: store, configuration, context))
    // With LF line ends, as in a mail file.
    let text = String(decoding: bytes.filter { $0 != UInt8(ascii: "\r") }, as: UTF8.self)
    sink.writeRaw {
      $0 += (context.terminal.outputIsTerminal ? TerminalText.escapeLines(text) : text).utf8
    }
    return Summary()
  }

  private func find(in store: Store) throws(CommandError) -> OutboxEntry {
    switch mail {
    case .account(let word): return try core(store.newestMail(ofAccount: word))
    case .id(let id):
      guard let entry = try core(store.mail(id)) else {
        throw .core(.mail(.notFound("\(id.rawValue)")))
      }
      return entry
    }
  }

  private func compose(
    _ entry: OutboxEntry, in store: Store, _ configuration: Configuration, _ context: Context
  ) throws(RegctlError) -> [UInt8] {
    let preview = try DeliveryPreview(store: store, configuration: configuration, uid: context.uid)
    return hasToken
      ? try preview.composition(of: entry, at: context.now, by: context.actor)
      : try preview.maskedComposition(of: entry, at: context.now)
  }

  private static func summary(of fields: [ReportField]) -> Summary {
    let width = fields.map(\.name.utf8.count).max() ?? 0
    return Summary(
      [ReportField("mail", .object(fields))],
      answer: fields.map { field in
        field.name + String(repeating: " ", count: width + 2 - field.name.utf8.count)
          + TextRenderer.text(field.value)
      })
  }
}
