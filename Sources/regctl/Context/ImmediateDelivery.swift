internal import RegctlCore
internal import System

/// The delivery of the mails that a command has queued, and of no others: `--wait`.
struct ImmediateDelivery {
  static let option = Switch("wait", "Send the mail now; exit 75 if it is not accepted")

  private let deliverer: Deliverer
  private let timeLimit: Duration
  private let context: Context

  /// What became of a mail.
  struct Result {
    /// Whether the server accepted it.
    let isSent: Bool
    let state: OutboxEntry.State

    /// Why it was not accepted.
    let failure: Diagnostic?
  }

  /// A delivery for a command; throws if the mail configuration is invalid, so create it before
  /// anything is changed.
  init(
    _ configuration: Configuration, in store: Store, _ context: Context, command: String,
    to sink: RowSink
  ) throws(CommandError) {
    if configuration.effectiveTransport == .stdout {
      try sink.reserve(for: "mail_transport = stdout prints the mails there", command: command)
    }
    let output = context.output
    deliverer = try core(
      Deliverer(
        store: store, configuration: configuration, uid: context.uid,
        output: { bytes throws(FileError) in try output.writeAtOnce(bytes) }))
    timeLimit = configuration.mailTimeout
    self.context = context
  }

  /// Sends a mail.
  func deliver(_ mail: MailID) throws(CommandError) -> Result {
    let (entry, fault) = try core(
      deliverer.deliverNow(mail, within: timeLimit, clock: context.clock))
    let state = entry?.state ?? .queued
    if state == .sent { return Result(isSent: true, state: state, failure: nil) }
    let reason = fault.map { Diagnostic($0).message } ?? entry?.lastReply
    return Result(isSent: false, state: state, failure: .notAcceptedYet(reason: reason))
  }
}

extension Context {
  /// The delivery for a command with `--wait`; `nil` without that option.
  func immediateDelivery(
    _ isWanted: Bool, _ configuration: Configuration, in store: Store, command: String,
    to sink: RowSink
  ) throws(CommandError) -> ImmediateDelivery? {
    guard isWanted else { return nil }
    return try ImmediateDelivery(configuration, in: store, self, command: command, to: sink)
  }
}

extension Summary {
  /// Adds what became of the command's own mails: failures, or that they are still to be delivered.
  mutating func add(_ deliveries: [ImmediateDelivery.Result], isWaiting: Bool) {
    let failed = deliveries.compactMap(\.failure)
    // The refusal of another operand decides the exit code.
    if exitCode == .ok, let last = failed.last { exitCode = last.exitCode }
    failures = failed + failures
    if isWaiting || deliveries.contains(where: { !$0.isSent }) { next = "regctl deliver" }
  }
}

extension MailID {
  /// A mail with its state, as members of a JSON object.
  func fields(_ state: OutboxEntry.State) -> ReportValue {
    .object([
      ReportField("id", .integer(rawValue)), ReportField("state", .text(state.rawValue)),
    ])
  }
}
