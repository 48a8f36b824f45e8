internal import CPQ
internal import Glibc
internal import SQL

/// A connection to a server, closed on deinitialization.
///
/// No call waits for the server longer than its limit: libpq never blocks, and all waiting is done
/// here. (`statement_timeout` would be counted by the server, which may be what hangs, and does not
/// end a wait for a standby.) After a limit has passed, or the connection was lost, every call
/// throws.
@safe final class Connection {
  let pq: UnsafePointer<regctl_libpq>
  let notices: Notices

  /// How long the answer to a statement, or its next row, may take.
  var answerTimeout: Duration

  let handle: OpaquePointer

  /// Why the connection can no longer be used.
  private var loss: DatabaseError?

  /// Whether the server itself said that it ends the connection, so that it read nothing after it.
  private(set) var wasEndedByServer = false

  /// Connects to the first host that answers and is as wanted; each gets its share of the time.
  static func open(_ parameters: ConnectionParameters) throws(DatabaseError) -> Connection {
    let attempts = parameters.attempts
    let share = Int(parameters.connectTimeout / .milliseconds(1)) / attempts.count
    var failures: [String] = []
    for settings in attempts {
      do throws(DatabaseError) {
        return try Connection(
          settings, answerTimeout: parameters.answerTimeout, limit: .milliseconds(share),
          isOneOfSeveral: attempts.count > 1)
      } catch .unavailable(let detail) where attempts.count > 1 {
        failures.append(detail)
      }
    }
    throw .unavailable(detail: failures.joined(separator: "; "))
  }

  /// Connects to a host. The corresponding C functions are `PQconnectStartParams` and
  /// `PQconnectPoll`.
  private init(
    _ settings: [ConnectionParameters.Setting], answerTimeout: Duration, limit: Duration,
    isOneOfSeveral: Bool
  ) throws(DatabaseError) {
    let pq = unsafe try PQLibrary.functions()
    unsafe self.pq = unsafe pq
    unsafe notices = Notices(pq)
    self.answerTimeout = answerTimeout
    if settings.contains(where: { $0.keyword.utf8.contains(0) || $0.value.utf8.contains(0) }) {
      throw .refused(detail: "a setting of the connection contains a NUL byte")
    }
    // The last argument keeps a database's name from being read as a list of settings.
    let opened = unsafe CStrings.withPointers(to: settings.map(\.keyword)) { keywords in
      unsafe CStrings.withPointers(to: settings.map(\.value)) { values in
        unsafe pq.pointee.PQconnectStartParams(keywords, values, 0)
      }
    }
    guard let handle = unsafe opened else { throw .unavailable(detail: "out of memory") }
    unsafe self.handle = handle
    unsafe notices.install(on: handle)
    // The only way to the code of an error in connecting is the text of a verbose message.
    unsafe _ = pq.pointee.PQsetErrorVerbosity(handle, PQERRORS_VERBOSE)
    let host = settings.value(of: "hostaddr") ?? settings.value(of: "host")
    try finishConnecting(to: isOneOfSeveral ? host : nil, within: limit)
    unsafe _ = pq.pointee.PQsetErrorVerbosity(handle, PQERRORS_DEFAULT)
    unsafe _ = pq.pointee.PQsetnonblocking(handle, 1)
  }

  deinit { unsafe pq.pointee.PQfinish(handle) }

  private func finishConnecting(
    to host: String?, within limit: Duration
  ) throws(DatabaseError) {
    let deadline = ContinuousClock.now + limit
    if unsafe pq.pointee.PQstatus(handle) == CONNECTION_BAD { throw connectionError() }
    var state = PGRES_POLLING_WRITING
    while state != PGRES_POLLING_OK {
      if state == PGRES_POLLING_FAILED { throw connectionError() }
      let events = state == PGRES_POLLING_READING ? POLLIN : POLLOUT
      // The socket changes from one address of a host to the next.
      guard wait(for: events, until: deadline) else {
        let name = host.map { "to \($0) " } ?? ""
        throw .unavailable(detail: "no connection \(name)within \(limit)")
      }
      state = unsafe pq.pointee.PQconnectPoll(handle)
    }
  }

  /// The error of a failed connection.
  private func connectionError() -> DatabaseError {
    let message = unsafe ConnectionMessage(CStrings.text(at: pq.pointee.PQerrorMessage(handle)))
    if message.state.isEmpty, unsafe pq.pointee.PQconnectionNeedsPassword(handle) == 1 {
      return .refused(detail: message.text)
    }
    return DatabaseError(state: message.state, message: message.text)
  }

  // MARK: State

  /// The transaction in which the next statement runs; unknown after the connection was lost.
  enum TransactionStatus { case none, open, failed, unknown }

  var transactionStatus: TransactionStatus {
    switch unsafe pq.pointee.PQtransactionStatus(handle) {
    case PQTRANS_IDLE: .none
    case PQTRANS_INTRANS: .open
    case PQTRANS_INERROR: .failed
    default: .unknown
    }
  }

  /// The number of the server's process, as the server or a pooler before it has announced it.
  var backendNumber: Int32 { unsafe pq.pointee.PQbackendPID(handle) }

  // MARK: Sending

  /// Sends statements without parameters, separated by semicolons.
  func send(script: String) throws(DatabaseError) {
    try send { unsafe pq.pointee.PQsendQuery(handle, script) }
  }

  /// Sends a statement.
  func send(_ text: String, _ parameters: ParameterList) throws(DatabaseError) {
    try send {
      unsafe parameters.withPointers { count, types, values, lengths, formats in
        unsafe pq.pointee.PQsendQueryParams(
          handle, text, count, types, values, lengths, formats, 1)
      }
    }
  }

  /// Sends values for a prepared statement.
  func send(prepared name: String, _ parameters: ParameterList) throws(DatabaseError) {
    try send {
      unsafe parameters.withPointers { count, _, values, lengths, formats in
        unsafe pq.pointee.PQsendQueryPrepared(handle, name, count, values, lengths, formats, 1)
      }
    }
  }

  /// Sends a statement to be prepared.
  func sendPreparation(
    of text: String, as name: String, types: [Oid]
  ) throws(DatabaseError) {
    try send { unsafe pq.pointee.PQsendPrepare(handle, name, text, Int32(types.count), types) }
  }

  /// Begins to send several statements without waiting; the first that fails ends them all.
  func enterPipeline() throws(DatabaseError) {
    try send { unsafe pq.pointee.PQenterPipelineMode(handle) }
  }

  /// Makes the server send the answers to what was sent so far before it goes on.
  func requestAnswers() throws(DatabaseError) {
    try send { unsafe pq.pointee.PQsendFlushRequest(handle) }
  }

  /// Ends a pipeline, whose answers follow.
  func sendPipelineEnd() throws(DatabaseError) {
    try send { unsafe pq.pointee.PQpipelineSync(handle) }
  }

  private func send(_ call: () -> Int32) throws(DatabaseError) {
    if let loss { throw loss }
    guard call() == 1 else { throw lose() }
  }

  // MARK: Receiving

  /// Whether the answer to what was sent has begun to arrive, or never will.
  var hasAnswer: Bool {
    if loss != nil { return true }
    _ = unsafe pq.pointee.PQflush(handle)
    return unsafe pq.pointee.PQconsumeInput(handle) != 1 || pq.pointee.PQisBusy(handle) != 1
  }

  /// What a statement has done.
  struct Completion {
    /// The number of rows inserted, updated or deleted.
    var changedRows = 0
    /// The server's word for the last statement: `COMMIT`, `INSERT 0 1`.
    var tag = ""
    var report: ServerReport?
    /// Whether it did not run because an earlier statement of the pipeline failed.
    var wasSkipped = false
  }

  /// Waits for the end of the statement that was sent, whose rows are of no interest.
  func receive() throws(DatabaseError) -> Completion { unsafe try receive { _ in } }

  /// Waits for the end of the statement that was sent and calls a body with each of its rows.
  func receive(_ body: (OpaquePointer) -> Void) throws(DatabaseError) -> Completion {
    var completion = Completion()
    if let loss { throw loss }
    unsafe _ = pq.pointee.PQsetSingleRowMode(handle)
    while let result = unsafe try next() {
      defer { unsafe pq.pointee.PQclear(result) }
      switch unsafe pq.pointee.PQresultStatus(result) {
      case PGRES_SINGLE_TUPLE: unsafe body(result)
      case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
        completion.tag = unsafe CStrings.text(at: pq.pointee.PQcmdStatus(result))
        if let verb = completion.tag.utf8.first, "IUDM".utf8.contains(verb) {
          completion.changedRows =
            unsafe Int(CStrings.text(at: pq.pointee.PQcmdTuples(result))) ?? 0
        }
      case PGRES_FATAL_ERROR:
        let report = unsafe ServerReport(result, pq)
        completion.report = report
        if report.endsConnection {
          wasEndedByServer = true
          throw lose(DatabaseError(report))
        }
        if unsafe report.state.isEmpty || pq.pointee.PQstatus(handle) != CONNECTION_OK {
          throw lose()
        }
      case PGRES_PIPELINE_ABORTED: completion.wasSkipped = true
      // COPY has its own ways to go on.
      default: throw lose(.unexpected(code: "COPY", detail: "the statement expects data"))
      }
    }
    return completion
  }

  /// Waits for the end of a pipeline.
  func receivePipelineEnd() throws(DatabaseError) {
    guard let result = unsafe try next() else { return }
    unsafe pq.pointee.PQclear(result)
    try send { unsafe pq.pointee.PQexitPipelineMode(handle) }
  }

  /// The next result; `nil` after the last of a statement.
  private func next() throws(DatabaseError) -> OpaquePointer? {
    if unsafe pq.pointee.PQisBusy(handle) == 1 { try awaitInput() }
    return unsafe pq.pointee.PQgetResult(handle)
  }

  /// Sends what is left to send and reads until a result is complete.
  private func awaitInput() throws(DatabaseError) {
    let deadline = ContinuousClock.now + answerTimeout
    repeat {
      let unsent = unsafe pq.pointee.PQflush(handle)
      if unsent < 0 { throw lose() }
      // Reads each second, since OpenSSL may hold bytes of which poll knows nothing.
      let isReady = wait(
        for: unsent == 0 ? POLLIN : POLLIN | POLLOUT, until: min(deadline, .now + .seconds(1)))
      if !isReady, .now >= deadline {
        throw lose(.unavailable(detail: "no answer within \(answerTimeout)"))
      }
      // The result then says why there is no more.
      if unsafe pq.pointee.PQconsumeInput(handle) != 1 { return }
    } while unsafe pq.pointee.PQisBusy(handle) == 1
  }

  /// Waits for a notification until a time, and returns whether there was one, also one that came
  /// with an earlier answer.
  func awaitNotification(until deadline: ContinuousClock.Instant) throws(DatabaseError) -> Bool {
    if let loss { throw loss }
    repeat {
      // Does not wait. It also finds that the server has ended the connection.
      guard unsafe pq.pointee.PQconsumeInput(handle) == 1 else { throw lose() }
      if takeNotifications() { return true }
    } while wait(for: POLLIN, until: deadline)
    return false
  }

  /// Removes the notifications that have come, and returns whether there were any.
  private func takeNotifications() -> Bool {
    var found = false
    while let notification = unsafe pq.pointee.PQnotifies(handle) {
      unsafe pq.pointee.PQfreemem(notification)
      found = true
    }
    return found
  }

  /// Waits until the socket is ready; `false` when the deadline has passed.
  private func wait(for events: Int32, until deadline: ContinuousClock.Instant) -> Bool {
    var descriptor = pollfd(
      fd: unsafe pq.pointee.PQsocket(handle), events: Int16(events), revents: 0)
    while true {
      let left = deadline - .now
      if left <= .zero { return false }
      let milliseconds = Int32(min(left, .seconds(3600)) / .milliseconds(1)) + 1
      let count = unsafe poll(&descriptor, 1, milliseconds)
      if count > 0 { return true }
      if count < 0, errno != EINTR { return false }
    }
  }

  /// Gives the connection up with the error that libpq reports.
  private func lose() -> DatabaseError {
    let message = unsafe ConnectionMessage(CStrings.text(at: pq.pointee.PQerrorMessage(handle)))
    return lose(.unavailable(detail: message.text))
  }

  /// Gives the connection up.
  private func lose(_ error: DatabaseError) -> DatabaseError {
    loss = loss ?? error
    return error
  }
}
