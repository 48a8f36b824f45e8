/// The client side of an SMTP session as a state machine, without input or output (RFC 5321).
///
/// It takes the bytes that the server sends, and returns the bytes to send and the result of each
/// mail. If the server offers PIPELINING (RFC 2920), MAIL, RCPT and DATA of the next mail follow
/// the final dot of the previous one, so that a mail takes one round trip.
package struct Session {
  /// How the connection is protected.
  package enum Security: Equatable, Sendable {
    /// TLS from the first byte (RFC 8314, section 3).
    case implicitTLS
    /// Mandatory STARTTLS (RFC 3207).
    case startTLS
    /// No TLS; for loopback addresses only.
    case clear
  }

  /// An event that the owner of the connection must handle.
  package enum Event: Equatable, Sendable {
    /// The TLS handshake starts now; `secured()` must be called after it.
    case startTLS
    /// The server accepts mail from now on.
    case ready
    case completed(id: Int64, Verdict)
    /// The session ended normally.
    case closed
  }

  /// The result of a mail.
  package enum Verdict: Equatable, Sendable {
    case accepted(String)
    /// Deferred by a 4yz reply.
    case deferred(String)
    /// Permanently rejected, by a 5yz reply or before sending.
    case refused(String)
  }

  /// The transaction of a mail.
  private struct Transaction {
    let envelope: Envelope
    var failure: Verdict?

    /// The offset in the output after the final dot.
    var endOfContent: Int?
  }

  /// An expected reply.
  private struct Expectation {
    let verb: Verb

    /// The offset in the output after the command that it answers.
    let end: Int
  }

  private enum Phase: Equatable { case opening, ready, quitting, closed }

  private let security: Security
  private let clientName: String
  private let credentials: Credentials?

  /// Called with each reply and the command that it answers.
  package var observer: ((Verb, Reply) -> Void)?

  private var phase = Phase.opening
  private var isSecure: Bool
  private var capabilities = Capabilities.none
  private var parser = ReplyParser()
  private var expected: [Expectation] = []
  private var fault: SessionFault?

  /// The number of complete replies, which restart the time limit.
  package private(set) var replyCount = 0

  /// The remaining responses to AUTH challenges.
  private var answers: [String] = []
  private var transactions: [Transaction] = []
  private var waiting: Envelope?
  private var needsReset = false
  private var output: [UInt8] = []
  private var sentCount = 0
  private var queuedCount = 0

  /// Creates a session that expects the greeting, after the handshake with `.implicitTLS`.
  ///
  /// `clientName` is a domain or an address literal, for EHLO.
  package init(security: Security, clientName: String, credentials: Credentials?) {
    self.security = security
    self.clientName = clientName
    self.credentials = credentials
    isSecure = security == .implicitTLS
    expected = [Expectation(verb: .greeting, end: 0)]
  }

  // MARK: Output

  /// The bytes still to send.
  package var pendingOutput: ArraySlice<UInt8> {
    output[(output.count - (queuedCount - sentCount))...]
  }

  package var hasPendingOutput: Bool { sentCount < queuedCount }

  /// Records that a number of bytes of the output were sent.
  package mutating func sent(_ count: Int) {
    sentCount += count
    if !hasPendingOutput { output.removeAll(keepingCapacity: true) }
  }

  private mutating func send(_ command: String, expecting verb: Verb) {
    append(command.utf8)
    append("\r\n".utf8)
    expect(verb)
  }

  /// Records that a reply is expected to the bytes appended last.
  private mutating func expect(_ verb: Verb) {
    expected.append(Expectation(verb: verb, end: queuedCount))
  }

  private mutating func append(_ bytes: some Collection<UInt8>) {
    output += bytes
    queuedCount += bytes.count
  }

  // MARK: State

  /// The command whose reply is expected next.
  package var awaited: Verb? { expected.first?.verb }

  package var isReady: Bool { phase == .ready }

  /// Whether the session is ready and has no mail and no expected reply.
  package var isIdle: Bool { isReady && transactions.isEmpty && waiting == nil && expected.isEmpty }

  /// Whether a mail can be submitted, to be sent now or queued behind another.
  package var canAccept: Bool {
    isReady && waiting == nil && (capabilities.hasPipelining || isIdle)
  }

  /// The mail being sent, from its first command until its final dot has been sent.
  package var underWay: Int64? {
    guard let oldest = transactions.first, !isSent(oldest) else { return nil }
    return oldest.envelope.id
  }

  /// Whether the final dot of a mail has been sent that the server has not answered.
  package var hasEndedMail: Bool { transactions.first.map(isSent) ?? false }

  /// Whether the final dot of a mail has been sent.
  private func isSent(_ transaction: Transaction) -> Bool {
    transaction.endOfContent.map { $0 <= sentCount } ?? false
  }

  /// The progress of a mail that was submitted and not completed.
  package enum Stage: Equatable, Sendable {
    /// No reply to it was received, and its content was not sent.
    case untouched
    case begun
    /// The server has already refused it.
    case answered(Verdict)
    /// The final dot was sent: the server may have accepted it.
    case afterFinalDot
  }

  /// The mails that were submitted and not completed, oldest first.
  package var unfinished: [(id: Int64, stage: Stage)] {
    var list = transactions.map { (id: $0.envelope.id, stage: Stage.untouched) }
    if let oldest = transactions.first { list[0].stage = stage(of: oldest) }
    if let waiting { list.append((waiting.id, .untouched)) }
    return list
  }

  private func stage(of oldest: Transaction) -> Stage {
    if let failure = oldest.failure { return .answered(failure) }
    return isSent(oldest) ? .afterFinalDot : .begun
  }

  // MARK: Commands

  /// Continues after the STARTTLS handshake and discards the capabilities received before it.
  package mutating func secured() {
    isSecure = true
    capabilities = .none
    sayHello()
  }

  /// Submits a mail; `canAccept` must hold.
  package mutating func submit(_ envelope: Envelope) -> [Event] {
    precondition(canAccept, "a mail at a time, or one behind another")
    if let verdict = refusalBeforehand(of: envelope) {
      return [.completed(id: envelope.id, verdict)]
    }
    waiting = envelope
    beginWaiting()
    return []
  }

  /// Returns the queued mail, if it was not started.
  package mutating func recall() -> Int64? {
    defer { waiting = nil }
    return waiting?.id
  }

  /// Sends QUIT; the session must be idle.
  package mutating func quit() {
    precondition(isIdle, "nothing is under way")
    phase = .quitting
    send("QUIT", expecting: .quit)
  }

  private func refusalBeforehand(of envelope: Envelope) -> Verdict? {
    if !envelope.hasSpeakableAddresses {
      return .refused("the address cannot be written in an SMTP command")
    }
    // Later, through another server or with another setup, the mail may be sent.
    if envelope.needsUTF8, !capabilities.hasSMTPUTF8 {
      return .deferred(
        "the server does not offer SMTPUTF8, which the address \(envelope.recipient) needs")
    }
    if let limit = capabilities.maximumSize, envelope.content.count > limit {
      return .refused("the mail is larger than the \(limit) bytes that the server takes")
    }
    if envelope.isEightBit, !capabilities.has8BitMIME {
      return .refused("the server does not take mails of eight bits a byte")
    }
    return nil
  }

  // MARK: Replies

  /// Handles received bytes.
  ///
  /// A fault after valid replies is thrown by the next call, which may pass no bytes.
  package mutating func receive(_ bytes: ArraySlice<UInt8>) throws(SessionFault) -> [Event] {
    if let fault { throw fault }
    parser.append(bytes)
    var events: [Event] = []
    do throws(SessionFault) {
      while let reply = try nextReply() { events += try handle(reply) }
    } catch {
      fault = error
      if events.isEmpty { throw error }
    }
    return events
  }

  private mutating func handle(_ reply: Reply) throws(SessionFault) -> [Event] {
    replyCount += 1
    let expectation = expected.isEmpty ? nil : expected.removeFirst()
    let verb = expectation?.verb
    // A reply that repeats the password must not be shown.
    let reply = verb == .auth ? credentials?.masking(reply) ?? reply : reply
    if let verb { observer?(verb, reply) }
    if reply.code == 421, verb != .quit {
      throw SessionFault(.server, "the server is closing: \(reply.text)")
    }
    guard let expectation else {
      throw violation("unexpected reply from the server: \(reply.text)")
    }
    // RFC 5321, section 4.2: a reply answers a command. A reply before the command was sent is
    // invalid, such as a 250 in the same packet as the 354: the server has not read the mail.
    guard expectation.end <= sentCount else {
      throw SessionFault(
        blameForViolation,
        "the server answered \(expectation.verb.rawValue) before it was sent: \(reply.text)")
    }
    return try handle(reply, to: expectation.verb)
  }

  private mutating func nextReply() throws(SessionFault) -> Reply? {
    do throws(ReplyParser.Fault) {
      return try parser.next()
    } catch {
      throw violation(error.words)
    }
  }

  /// A protocol violation, blamed on the mail once the session is ready.
  private func violation(_ words: String) -> SessionFault {
    SessionFault(blameForViolation, awaited.map { "\(words), at \($0.rawValue)" } ?? words)
  }

  private var blameForViolation: SessionFault.Blame { phase == .ready ? .mail : .server }

  private mutating func handle(
    _ reply: Reply, to verb: Verb
  ) throws(SessionFault) -> [Event] {
    switch verb {
    case .greeting:
      try require(reply, 220, at: verb)
      sayHello()
    case .hello:
      try require(reply, 250, at: verb)
      capabilities = Capabilities(reply)
      return try afterHello()
    case .startTLS:
      try require(reply, 220, at: verb)
      // Bytes between this reply and the handshake may be injected (RFC 3207, section 6).
      guard parser.isEmpty else {
        throw SessionFault(.server, "bytes arrived in clear behind the reply to STARTTLS")
      }
      return [.startTLS]
    case .auth:
      return try afterAuth(reply)
    case .mail, .recipient, .data, .content:
      return try handleTransaction(reply, verb)
    case .reset:
      try require(reply, 250, at: verb)
      if !capabilities.hasPipelining { beginWaiting() }
    case .quit:
      phase = .closed
      return [.closed]
    }
    return []
  }

  private func require(_ reply: Reply, _ code: Int, at verb: Verb) throws(SessionFault) {
    if reply.code == code { return }
    if reply.kind == .temporaryFailure || reply.kind == .permanentFailure {
      throw SessionFault(.server, "the server refused \(verb.rawValue): \(reply.text)")
    }
    throw SessionFault(
      blameForViolation,
      "the server answered \(verb.rawValue) with \(reply.text), where \(code) is due")
  }

  // MARK: Greeting, TLS and authentication

  private mutating func sayHello() { send("EHLO \(clientName)", expecting: .hello) }

  private mutating func afterHello() throws(SessionFault) -> [Event] {
    if security == .startTLS, !isSecure {
      guard capabilities.hasStartTLS else {
        throw SessionFault(.server, "the server does not offer STARTTLS")
      }
      send("STARTTLS", expecting: .startTLS)
      return []
    }
    guard let credentials else { return becomeReady() }
    precondition(isSecure, "a password is sent inside TLS only")
    guard let mechanism = capabilities.mechanism else {
      if let mechanism = capabilities.tokenMechanism {
        throw SessionFault(
          .server, "the server wants AUTH by \(mechanism), with a token in place of a password",
          remedy: .tokenAuthentication)
      }
      throw SessionFault(.server, "the server offers no AUTH that regctl knows (PLAIN, LOGIN)")
    }
    let dialogue = credentials.dialogue(mechanism)
    answers = dialogue.answers
    send(dialogue.command, expecting: .auth)
    return []
  }

  private mutating func afterAuth(_ reply: Reply) throws(SessionFault) -> [Event] {
    // The prompts of LOGIN are ignored: the user name is sent first, the password second.
    if reply.code == 334, !answers.isEmpty {
      send(answers.removeFirst(), expecting: .auth)
      return []
    }
    try require(reply, 235, at: .auth)
    return becomeReady()
  }

  private mutating func becomeReady() -> [Event] {
    phase = .ready
    return [.ready]
  }

  // MARK: Mails

  /// Starts the queued mail once the content of the previous one is in the output.
  private mutating func beginWaiting() {
    guard let envelope = waiting, expected.isEmpty || capabilities.hasPipelining else { return }
    guard transactions.last.map({ $0.endOfContent != nil }) ?? true else { return }
    if needsReset {
      needsReset = false
      send("RSET", expecting: .reset)
      if !capabilities.hasPipelining { return }
    }
    waiting = nil
    transactions.append(Transaction(envelope: envelope))
    var command = "MAIL FROM:<\(envelope.sender)>"
    if capabilities.hasSize { command += " SIZE=\(envelope.content.count)" }
    if envelope.isEightBit { command += " BODY=8BITMIME" }
    if capabilities.hasStatusReports { command += envelope.statusParameters?.mail ?? "" }
    if envelope.needsUTF8 { command += " SMTPUTF8" }
    send(command, expecting: .mail)
    if capabilities.hasPipelining {
      sayRecipient(envelope)
      send("DATA", expecting: .data)
    }
  }

  private mutating func sayRecipient(_ envelope: Envelope) {
    let parameters = capabilities.hasStatusReports ? envelope.statusParameters?.recipient : nil
    send("RCPT TO:<\(envelope.recipient)>\(parameters ?? "")", expecting: .recipient)
  }

  private mutating func handleTransaction(
    _ reply: Reply, _ verb: Verb
  ) throws(SessionFault) -> [Event] {
    let isPipelined = capabilities.hasPipelining
    let due: Reply.Kind = verb == .data ? .intermediate : .success
    let hadFailed = transactions[0].failure != nil
    switch reply.kind {
    case .temporaryFailure:
      if !hadFailed { transactions[0].failure = .deferred(reply.text) }
    case .permanentFailure:
      if !hadFailed { transactions[0].failure = .refused(reply.text) }
    case let kind:
      guard kind == due, verb != .data || reply.code == 354 else {
        throw SessionFault(.mail, "the server answered \(verb.rawValue) with \(reply.text)")
      }
    }
    let hasFailed = transactions[0].failure != nil
    switch verb {
    case .mail:
      if !hasFailed { needsReset = true }
      if !isPipelined {
        if hasFailed { return complete() }
        sayRecipient(transactions[0].envelope)
      }
    case .recipient:
      if !isPipelined {
        if hasFailed { return complete() }
        send("DATA", expecting: .data)
      }
    case .data where reply.kind == .intermediate:
      needsReset = false
      // A server that accepts DATA without a valid recipient is sent an empty mail (RFC 2920,
      // section 3.1).
      append(hasFailed ? Array(".\r\n".utf8) : transactions[0].envelope.transparentContent)
      expect(.content)
      transactions[0].endOfContent = queuedCount
      beginWaiting()
    case .data:
      return complete()
    default:
      return complete(accepted: reply)
    }
    return []
  }

  /// Completes the oldest mail and starts the queued one.
  private mutating func complete(accepted reply: Reply? = nil) -> [Event] {
    let done = transactions.removeFirst()
    beginWaiting()
    let verdict = done.failure ?? .accepted(reply?.text ?? "")
    return [.completed(id: done.envelope.id, verdict)]
  }
}
