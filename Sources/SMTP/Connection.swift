internal import Glibc
internal import OpenSSL

/// One connection: socket, TLS and session, driven by `poll`.
final class Connection {
  private enum State { case connecting, handshaking, talking, closed }

  private let server: Server
  private let context: TLSContext?
  private let credentials: Credentials?
  private let observer: ((Step) -> Void)?
  private var untried: ArraySlice<SocketAddress>
  private var connected: SocketAddress?
  private var state = State.connecting
  private var session: Session
  private var stream: TLSStream?
  private var happened: [Session.Event] = []

  /// Why the connection ended, unless it ended normally.
  private(set) var failure: SessionFault?
  private var wantsWriting = true
  private var isWriteBlockedByRead = false
  private var buffer = [UInt8](repeating: 0, count: 16_384)
  private(set) var descriptor: Int32 = -1

  /// The deadline of the current step; `nil` when no step is in progress.
  private var stepDeadline: ContinuousClock.Instant?

  /// The mail being sent, and its deadline.
  private var turn: (id: Int64, deadline: ContinuousClock.Instant)?

  /// The earlier of the two deadlines; `nil` when there is none.
  var deadline: ContinuousClock.Instant? {
    guard let turn else { return stepDeadline }
    return min(turn.deadline, stepDeadline ?? turn.deadline)
  }

  /// Starts connecting, to each address in turn until one accepts the connection.
  init(
    to addresses: [SocketAddress], of server: Server, context: TLSContext?,
    credentials: Credentials?, observer: ((Step) -> Void)?
  ) throws(SessionFault) {
    self.server = server
    self.context = context
    self.credentials = credentials
    self.observer = observer
    untried = addresses[...]
    session = Session(security: server.security, clientName: "", credentials: credentials)
    try connectToNext(after: nil)
  }

  deinit { closeSocket() }

  private func closeSocket() {
    stream?.close()
    stream = nil
    if descriptor >= 0 { _ = close(descriptor) }
    descriptor = -1
  }

  // MARK: State

  var isReady: Bool { state == .talking && session.isReady }
  var isClosed: Bool { state == .closed }
  var isOpening: Bool { state != .closed && !isReady && !isClosing }
  var isIdle: Bool { state == .talking && session.isIdle }
  var canAccept: Bool { state == .talking && session.canAccept }
  var hasEndedMail: Bool { session.hasEndedMail }
  private(set) var isClosing = false

  /// Whether a mail was ever submitted.
  private(set) var hasTakenMail = false

  /// The mails that were submitted and not completed, oldest first.
  var unfinished: [(id: Int64, stage: Session.Stage)] { session.unfinished }

  /// The events to request from `poll`.
  var interest: Int16 {
    switch state {
    case .connecting: Int16(POLLOUT)
    case .handshaking: Int16(wantsWriting ? POLLOUT : POLLIN)
    case .talking:
      Int16(POLLIN)
        | (session.hasPendingOutput && !isWriteBlockedByRead ? Int16(POLLOUT) : 0)
    case .closed: 0
    }
  }

  // MARK: Commands

  /// Submits a mail and starts to send it.
  func submit(_ envelope: Envelope) -> [Session.Event] {
    // A reply that was already expected keeps its own deadline.
    let isFirst = session.isIdle
    hasTakenMail = true
    happened += session.submit(envelope)
    if isFirst { startStep() }
    return attempt { () throws(SessionFault) in try flush() }
  }

  /// Returns the queued mail, if it was not started.
  func recall() -> Int64? { session.recall() }

  /// Sends QUIT; the connection must be idle.
  func quit() -> [Session.Event] {
    isClosing = true
    session.quit()
    startStep()
    return attempt { () throws(SessionFault) in try flush() }
  }

  /// Whether the server has greeted, and answers a command that opens the session.
  var isGreeted: Bool { isOpening && state == .talking && session.awaited != .greeting }

  /// Prepares for QUIT once the session is idle; until then no failure matters.
  func prepareToQuit() { isClosing = true }

  /// Handles the events that `poll` returned.
  func move(_ readiness: Int16) -> [Session.Event] {
    guard readiness != 0 else { return [] }
    return attempt { () throws(SessionFault) in
      switch state {
      case .connecting: try finishConnecting()
      case .handshaking: try shakeHands()
      case .talking: try talk()
      case .closed: break
      }
    }
  }

  /// Handles the replies that have arrived, and sends nothing before the next `move`.
  func listen(_ readiness: Int16) -> [Session.Event] {
    guard readiness != 0, state == .talking else { return move(readiness) }
    return attempt { () throws(SessionFault) in try takeReplies() }
  }

  /// Closes the connection immediately; returns the reason to report for its mails.
  func cut(_ reason: String) -> SessionFault {
    let step = session.awaited.map { ", at \($0.rawValue)" } ?? ""
    end()
    return SessionFault(.mail, "\(server.text): \(reason)\(step)")
  }

  /// Closes the connection when the current step or mail is past its deadline.
  func checkDeadline(_ now: ContinuousClock.Instant) -> [Session.Event] {
    guard let deadline, deadline <= now else { return [] }
    return attempt { () throws(SessionFault) in
      if stepDeadline.map({ $0 > now }) ?? true {
        throw fault("the mail was not sent within \(server.mailTimeLimit)")
      }
      if state == .connecting {
        return try connectToNext(after: "no answer within \(server.timeLimit)")
      }
      throw fault("no answer within \(server.timeLimit)")
    }
  }

  /// Runs a step; an error closes the connection. Returns all events until then.
  private func attempt(_ move: () throws(SessionFault) -> Void) -> [Session.Event] {
    do throws(SessionFault) {
      try move()
      startTurn()
    } catch {
      end()
      if !isClosing { failure = error.naming(server) }
    }
    defer { happened = [] }
    return happened
  }

  private func end() {
    state = .closed
    stepDeadline = nil
    turn = nil
    closeSocket()
  }

  /// A fault outside the protocol, blamed on the mail once the session is ready.
  private func fault(_ words: String) -> SessionFault {
    if state == .talking, session.isReady {
      return SessionFault(.mail, session.awaited.map { "\(words), at \($0.rawValue)" } ?? words)
    }
    let step =
      state == .handshaking ? "the TLS handshake" : session.awaited?.rawValue ?? "connecting"
    return SessionFault(.server, "\(words), at \(step)")
  }

  private func startStep() { stepDeadline = ContinuousClock.now + server.timeLimit }

  /// Starts the time limit of the mail being sent, and ends that of one whose content was sent.
  private func startTurn() {
    let id = session.underWay
    guard id != turn?.id else { return }
    turn = id.map { ($0, ContinuousClock.now + server.mailTimeLimit) }
  }

  // MARK: Connecting

  /// Starts a connection to the next address, or throws why the last one failed.
  private func connectToNext(after reason: String?) throws(SessionFault) {
    var reason = reason
    while let address = untried.popFirst() {
      closeSocket()
      if server.security == .clear, !address.isLoopback {
        throw SessionFault(
          .server, "\(address.text) is not this machine, and mail_security = none is for that only")
      }
      descriptor = socket(
        address.family,
        Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
      var one: Int32 = 1
      unsafe setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
      connected = address
      startStep()
      if address.connect(descriptor) == 0 || errno == EINPROGRESS { return }
      reason = Self.words(for: errno)
    }
    throw SessionFault(.server, "cannot connect: \(reason ?? "it has no address")")
  }

  private func finishConnecting() throws(SessionFault) {
    var code: Int32 = 0
    var size = socklen_t(4)
    unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &code, &size)
    guard code == 0 else {
      return try connectToNext(after: Self.words(for: code))
    }
    let local = SocketAddress(localEndOf: descriptor)
    session = Session(
      security: server.security, clientName: local?.literal ?? "[127.0.0.1]",
      credentials: credentials)
    if let observer { session.observer = { observer(.replied($0, $1)) } }
    observer?(.connected("\(connected?.text ?? "") port \(server.port)"))
    startStep()
    if server.security == .implicitTLS { return try beginHandshake() }
    state = .talking
  }

  private static func words(for code: Int32) -> String { unsafe String(cString: strerror(code)) }

  // MARK: TLS

  private func beginHandshake() throws(SessionFault) {
    guard let context else { preconditionFailure("TLS has a context") }
    state = .handshaking
    startStep()
    stream = try secured { () throws(TLSError) in
      try TLSStream(
        context, descriptor: descriptor, server: server.name,
        isAddress: SocketAddress.isAddress(server.name))
    }
    try shakeHands()
  }

  private func shakeHands() throws(SessionFault) {
    guard let stream else { return }
    switch try secured({ () throws(TLSError) in try stream.handshake() }) {
    case .wantsRead: wantsWriting = false
    case .wantsWrite: wantsWriting = true
    case .closed: throw fault("the server closed the connection")
    case .done:
      state = .talking
      if let observer, let certificate = stream.certificate {
        observer(
          .secured(
            version: stream.version, subject: certificate.subject, issuer: certificate.issuer,
            validUntil: certificate.validUntil))
      }
      startStep()
      if server.security == .startTLS { session.secured() }
      try talk()
    }
  }

  private func secured<Result>(
    _ body: () throws(TLSError) -> Result
  ) throws(SessionFault) -> Result {
    do throws(TLSError) {
      return try body()
    } catch {
      switch error {
      case .certificate(let reason):
        throw SessionFault(.server, "the server's certificate cannot be verified: \(reason)")
      case .authorities(let path):
        throw SessionFault(.server, "no certificate authorities in \(path)")
      case .failure(let reason):
        throw fault("TLS failed: \(reason)")
      }
    }
  }

  // MARK: Reading and writing

  /// Handles the replies that have arrived, and sends pending output.
  private func talk() throws(SessionFault) {
    try takeReplies()
    if state == .talking { try flush() }
  }

  /// Reads the available bytes and handles the replies.
  private func takeReplies() throws(SessionFault) {
    isWriteBlockedByRead = false
    reading: while state == .talking {
      switch try receive() {
      case .wantsRead, .wantsWrite: break reading
      case .closed:
        // Replies before the end of the stream were handled above.
        throw fault("the server closed the connection")
      case .done(let count):
        let repliesBefore = session.replyCount
        let said = try session.receive(buffer[..<count])
        // Only a complete reply extends the deadline.
        if session.replyCount > repliesBefore { startStep() }
        for event in said {
          if event == .startTLS { return try beginHandshake() }
          happened.append(event)
          if event == .closed { return end() }
        }
        // Throws a fault that followed valid replies.
        _ = try session.receive([])
        // The socket had no more; of TLS there may be more that was already read.
        if stream == nil, count < buffer.count { break reading }
      }
    }
  }

  private func receive() throws(SessionFault) -> TLSStream.Progress {
    if let stream {
      return try secured { () throws(TLSError) in try stream.read(into: &buffer) }
    }
    while true {
      let count = unsafe recv(descriptor, &buffer, buffer.count, 0)
      if count > 0 { return .done(count) }
      if count == 0 { return .closed }
      if errno == EAGAIN { return .wantsRead }
      if errno != EINTR { throw fault(Self.words(for: errno)) }
    }
  }

  /// Sends as much as the socket accepts.
  private func flush() throws(SessionFault) {
    let hadOutput = session.hasPendingOutput
    sending: while session.hasPendingOutput {
      switch try transmit(session.pendingOutput) {
      case .done(let count): session.sent(count)
      case .wantsWrite: break sending
      case .wantsRead:
        isWriteBlockedByRead = true
        break sending
      case .closed: throw fault("the server closed the connection")
      }
    }
    if hadOutput, !session.hasPendingOutput { startStep() }
    if !session.hasPendingOutput, session.awaited == nil { stepDeadline = nil }
  }

  private func transmit(_ bytes: ArraySlice<UInt8>) throws(SessionFault) -> TLSStream.Progress {
    unsafe try bytes.span.bytes.withUnsafeBytes { bytes throws(SessionFault) in
      if let stream {
        return try secured { () throws(TLSError) in unsafe try stream.write(bytes) }
      }
      let count = unsafe send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
      if count >= 0 { return .done(count) }
      if errno == EAGAIN || errno == EINTR { return .wantsWrite }
      throw fault(Self.words(for: errno))
    }
  }
}
