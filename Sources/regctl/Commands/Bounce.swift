internal import Glibc
internal import RegctlCore
internal import System

/// The `bounce` command.
struct Bounce: Command {
  private static let maildir = Option(
    "maildir", ValueUsage("DIR", .directory), "Read every new mail of a Maildir")
  private static let strict = Switch(
    "strict", "Fail (65) on a mail that is no report about a sent mail")

  static let name = "bounce"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Record reports of mail that was not delivered",
    description: """
      Reads a delivery status notification (RFC 3464), which a mail server sends to
      mail_envelope_sender when it cannot deliver a mail that it took. Without an
      operand, or with '-', it reads standard input and prints nothing, for an alias
      such as '|regctl bounce'.

      A report counts only if it has the identifier of a mail that was sent, and is
      about the recipient of that mail. The mail is then bounced. If its address is
      wrong, the address gets no further mail until the account is confirmed, its
      address is changed, or regctl clear-bounce is used. A delay and a refusal for
      a fault of the sender are recorded and change nothing, and so does a report
      that names only a recipient: anybody can write one. Any other mail is left
      alone.

      --maildir reads the mails in DIR/new. Those that are reports about mails of
      regctl's go to DIR/cur, marked as seen; all others stay where they are.
      """,
    operands: [OperandUsage("FILE|-", .file, .optional)],
    options: [maildir, strict],
    forms: ["[FILE|-] [--strict]", "--maildir DIR"],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl bounce < report.eml", "What a Postfix alias does"),
      Example("regctl bounce report.eml", "Look at the result"),
      Example("regctl bounce --quiet --maildir bounces", "From cron"),
    ])

  private enum Input {
    case standardInput
    case file(String)
    case maildir(String)
  }

  private let input: Input
  private let isStrict: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    isStrict = arguments[Self.strict]
    if let directory = try arguments[Self.maildir] {
      try arguments.refuseOperands()
      try arguments.refuse(Self.strict, with: Self.maildir)
      input = .maildir(directory)
    } else if let path = arguments.operands.first, path != "-" {
      input = .file(path)
    } else {
      input = .standardInput
    }
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    switch input {
    case .standardInput:
      let message = try context.input.read(atMost: RegctlCore.Bounce.maximumByteCount)
      return try run(on: message, file: nil, in: context, to: sink)
    case .file(let path):
      // Read before root works as another user, with the permissions of the caller.
      let message = try core(
        fileAccess(FileSystem.read(path, atMost: RegctlCore.Bounce.maximumByteCount)))
      return try run(on: message, file: path, in: context, to: sink)
    case .maildir(let path):
      return try run(onMaildir: path, in: context, to: sink)
    }
  }

  // MARK: One mail

  private func run(
    on message: [UInt8], file: String?, in context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    // Other mail needs no database.
    let bounce = RegctlCore.Bounce(message)
    let effect = try bounce.map { bounce throws(CommandError) in
      try record(bounce, in: open(context.configuration(), context), context)
    }
    let row = BounceRow(effect, file: file)
    sink.list("results", of: BounceRow.self, as: .sentences(\.sentence)).push(row)
    var summary = Summary()
    if isStrict, !row.isOurs { summary.fail(.notOurReport(isReport: bounce != nil)) }
    return summary
  }

  private func open(
    _ configuration: Configuration, _ context: Context
  ) throws(CommandError) -> Store {
    try context.store(configuration, for: .writing, writesAudit: false)
  }

  /// How often a mail is looked at again that is being sent: `deliver` records a result soon.
  private static let tries = 20

  private func record(
    _ bounce: RegctlCore.Bounce, in store: Store, _ context: Context
  ) throws(CommandError) -> RegctlCore.Bounce.Effect {
    var tries = Self.tries
    while true {
      do throws(RegctlError) {
        return try bounce.perform(in: store, at: context.now)
      } catch .mail(.underWay) where tries > 0 {
        tries -= 1
        _ = usleep(100_000)
      } catch {
        throw .core(error)
      }
    }
  }

  // MARK: A Maildir

  private func run(
    onMaildir path: String, in context: Context, to sink: RowSink
  ) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let maildir = try core(BounceMaildir(path: path))
    let count = FailureCount(in: context, keeping: .max)
    let rows = sink.list("results", of: BounceRow.self, as: .sentences(\.sentence))
    var opened: Store?
    for name in try core(maildir.newMails()) {
      var bounce: RegctlCore.Bounce?
      do throws(RegctlError) {
        bounce = RegctlCore.Bounce(try maildir.read(name))
      } catch {
        rows.push(.failed(name, count.fail(.core(error))))
      }
      // Other mail needs no database.
      guard let bounce else { continue }
      let store = if let opened { opened } else { try open(configuration, context) }
      opened = store
      do throws(RegctlError) {
        let row = BounceRow(try bounce.perform(in: store, at: context.now), file: name)
        guard row.isOurs else { continue }
        try maildir.markSeen(name)
        rows.push(row)
        count.succeed()
      } catch .mail(.underWay) {
        // It stays, and is read by the next run.
        continue
      } catch .file(let error) {
        rows.push(.failed(name, count.fail(.core(.file(error)))))
      } catch .store(.malformed(let row)) {
        rows.push(.failed(name, count.fail(.core(.store(.malformed(row))))))
      } catch {
        throw .core(error)
      }
    }
    return count.summary
  }
}

extension Diagnostic {
  /// The diagnostic for a mail that must be a report about a mail of regctl's, and is not.
  fileprivate static func notOurReport(isReport: Bool) -> Diagnostic {
    Diagnostic(
      .invalidValue, .data,
      isReport
        ? "the delivery status notification is not about a mail that regctl sent"
        : "the mail is not a delivery status notification")
  }
}
