internal import RegctlCore
internal import System

/// The `send-test` command.
struct SendTest: Command {
  static let columns = [Column("step"), Column("detail")]

  static let name = "send-test"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Send a test mail and show every step",
    description: """
      Sends a mail that asks for nothing, by mail_transport, and shows each step:
      the server's addresses, the connection, TLS and the certificate, every answer
      of the server. It needs no database and leaves the outbox alone.
      """,
    operands: [OperandUsage("EMAIL", .email)],
    options: ListOptions.usage,
    exitCodes: [
      .ok, .usage, .data, .unavailable, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [Example("regctl send-test postmaster@example.org", "After setting up mail_server")])

  private let email: String

  init(_ arguments: ParsedArguments) throws(UsageError) { email = arguments.onlyOperand }

  func run(in context: Context) throws(CommandError) -> Report {
    let address = try parseAddress(email)
    let configuration = try context.configuration()
    let output = context.output
    let probe = try core { () throws(RegctlError) in
      try Courier.check(configuration, uid: context.uid)
      return try MailProbe.sendingTest(
        to: address, configuration, uid: context.uid, at: context.now,
        output: { bytes throws(FileError) in try output.writeAtOnce(bytes) })
    }
    var failure: Diagnostic?
    let steps = RowList(key: "steps", columns: Self.columns) { () throws(CommandError) in
      guard let step = probe.next() else { return nil }
      failure = step.diagnostic ?? failure
      return [[.text(step.name), .text(step.detail)]]
    }
    var report = Report(
      fields: [ReportField("to", .text(address.text))], list: steps,
      prose: .column("detail", isEscaped: true))
    report.conclusion = { failure.map { .failure($0) } ?? .success }
    return report
  }
}
