internal import RegctlCore
internal import System

/// The `send-test` command.
struct SendTest: Command {
  static let columns = Row.columns

  static let name = "send-test"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Send a test mail and show every step",
    description: """
      Sends a test mail through mail_transport and shows each step: the addresses of
      the server, the connection, TLS and the certificate, and every reply of the
      server. It needs no database and does not change the outbox.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: ListOptions.declared,
    exitCodes: [
      .ok, .usage, .data, .unavailable, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [Example("regctl send-test postmaster@example.org", "After setting up mail_server")])

  private let email: String

  init(_ arguments: ParsedArguments) throws(UsageError) { email = arguments.onlyOperand }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let address = try parseAddress(email, configuration)
    let output = context.output
    try core(Deliverer.check(configuration, uid: context.uid))
    let probe = try core(
      MailProbe.sendingTest(
        to: address, configuration, uid: context.uid, at: context.now,
        output: { bytes throws(FileError) in try output.writeAtOnce(bytes) }))
    var summary = Summary()
    let rows = sink.list(
      "steps", of: Row.self, after: [ReportField("to", .text(address.text))],
      as: .lines { TerminalText.escape($0.step.detail) })
    while let step = probe.next() {
      rows.push(Row(step: step))
      if let failure = step.diagnostic {
        summary = Summary()
        summary.fail(failure)
      }
    }
    return summary
  }

  /// A step of sending the mail.
  private struct Row: ResultRow {
    static let columns = [Column("step"), Column("detail")]

    let step: MailProbe.Step

    var cells: [ReportValue] { [.text(step.name), .text(step.detail)] }
  }
}
