internal import Glibc
internal import OpenSSL

/// Several connections to one server, served by one thread.
package final class ConnectionPool {
  /// The result of a mail, or the failure of the server.
  package enum Event: Equatable, Sendable {
    case completed(id: Int64, Session.Verdict)
    /// The connection was lost during this mail; the server may have accepted it.
    case lost(id: Int64, reason: String, afterFinalDot: Bool)
    /// The mail was not sent: the connection was lost during another one.
    case returned(id: Int64)
    /// The server is unavailable; no further mail is accepted.
    case failed(reason: String)
  }

  private let server: Server
  private let credentials: Credentials?
  private let observer: ((Step) -> Void)?
  private var context: TLSContext?
  private var addresses: [SocketAddress] = []
  private var connections: [Connection] = []
  private var events: [Event] = []

  /// The maximum number of open connections, lowered when the server refuses a further one.
  private var connectionLimit: Int
  private var lossesInARow = 0

  /// The connection that is served first, so that none waits for the others for ever.
  private var turn = 0

  /// How many mails may have been sent to their end and have no recorded result: so many can be sent
  /// twice when the process is killed.
  package let maximumUncertain: Int

  /// The number of results that `step` returned and that are not recorded yet.
  private var unrecordedCount = 0

  /// The number of consecutive lost mails after which the server is considered unavailable.
  private static let maximumLossesInARow = 10

  /// Why no further mail is accepted.
  package private(set) var fault: String?

  /// What would help against the fault, if that is known.
  package private(set) var remedy: SessionFault.Remedy?

  package init(
    to server: Server, credentials: Credentials?, connectionLimit: Int,
    observer: ((Step) -> Void)? = nil
  ) {
    self.server = server
    self.credentials = credentials
    self.observer = observer
    self.connectionLimit = connectionLimit
    maximumUncertain = connectionLimit + 2
  }

  // MARK: Mails

  /// Whether a mail can be submitted now.
  package var wantsMail: Bool {
    fault == nil
      && (connections.contains { $0.isIdle } || (!isOpeningConnections && nextConnection != nil))
  }

  /// The connection for the next mail: an idle one, otherwise one that can queue it.
  private var nextConnection: Connection? {
    connections.first { $0.isIdle } ?? connections.first { $0.canAccept }
  }

  /// Whether connections are being opened, so that mails need not queue behind others.
  private var isOpeningConnections: Bool { connections.contains { $0.isOpening } }

  /// Submits a mail; `wantsMail` must hold.
  package func submit(_ envelope: Envelope) {
    guard let connection = nextConnection else { preconditionFailure("ask wantsMail first") }
    take(connection.submit(envelope), from: connection)
  }

  /// Opens connections for a number of waiting mails.
  package func open(for waiting: Int) {
    guard fault == nil, waiting > 0 else { return }
    // The first connection shows whether the server is available.
    let wanted =
      connections.contains { $0.isReady } ? min(waiting + busyConnectionCount, connectionLimit) : 1
    while connections.count < min(wanted, connectionLimit), fault == nil { openConnection() }
  }

  private var busyConnectionCount: Int { connections.count { $0.isReady && !$0.isIdle } }

  private func openConnection() {
    do throws(SessionFault) {
      try prepare()
      let connection = try Connection(
        to: addresses, of: server, context: context, credentials: credentials,
        observer: observer)
      connections.append(connection)
    } catch {
      refuse(error.naming(server))
    }
  }

  private func prepare() throws(SessionFault) {
    if addresses.isEmpty {
      addresses = try Resolver.addresses(
        of: server.name, port: server.port, within: server.timeLimit)
      observer?(.resolved(addresses.map(\.text)))
    }
    if context == nil, server.security != .clear {
      do throws(TLSError) {
        context = try TLSContext(authorities: server.authorities)
      } catch .authorities(let path) {
        throw SessionFault(.server, "no certificate authorities in \(path)")
      } catch {
        throw SessionFault(.server, "TLS is not available")
      }
    }
  }

  /// Handles a connection that could not be opened: the others may suffice.
  private func refuse(_ failure: SessionFault) {
    if connections.contains(where: { $0.isReady }) {
      connectionLimit = max(1, connections.count { $0.isReady })
    } else {
      fail(failure)
    }
  }

  private func fail(_ failure: SessionFault) {
    guard fault == nil else { return }
    (fault, remedy) = (failure.reason, failure.remedy)
    events.append(.failed(reason: failure.reason))
  }

  /// Returns the queued mails that were not started, and sends QUIT on idle connections; the others
  /// continue.
  package func recall() {
    for connection in connections {
      if let id = connection.recall() { events.append(.returned(id: id)) }
      if connection.isIdle { take(connection.quit(), from: connection) }
    }
  }

  /// Closes every connection immediately; `step` returns the results of the mails.
  package func cut(_ reason: String) {
    for connection in connections { giveBackMails(of: connection, after: connection.cut(reason)) }
    connections = []
  }

  /// Whether the server accepts mail from us.
  package var isReady: Bool { connections.contains { $0.isReady } }

  // MARK: Time

  /// Waits for events, at most until an instant, and returns the results of the mails. So many of the
  /// earlier results are not recorded yet.
  package func step(until limit: ContinuousClock.Instant, unrecorded: Int = 0) -> [Event] {
    unrecordedCount = unrecorded
    if events.isEmpty { wait(until: limit) }
    defer { events.removeAll() }
    return events
  }

  private func wait(until limit: ContinuousClock.Instant) {
    let soonest = connections.reduce(limit) { min($0, $1.deadline ?? limit) }
    serve(waiting: (soonest - ContinuousClock.now).milliseconds)
    // What is there already is recorded together. No result waits for what is not.
    for _ in 0..<maximumUncertain
    where !events.isEmpty && events.count + unrecordedCount < maximumUncertain {
      guard serve(waiting: 0) else { break }
    }
    let now = ContinuousClock.now
    for connection in connections { take(connection.checkDeadline(now), from: connection) }
  }

  /// Waits at most some milliseconds until connections are ready, and lets these go on; returns whether
  /// one did.
  @discardableResult
  private func serve(waiting timeout: Int32) -> Bool {
    var descriptors = connections.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
    unsafe _ = poll(&descriptors, nfds_t(descriptors.count), timeout)
    let waiting = Array(zip(connections, descriptors))
    var hasMoved = false
    for index in waiting.indices {
      let (connection, descriptor) = waiting[(turn + index) % waiting.count]
      let readiness = descriptor.revents
      let happened: [Session.Event]
      if mayEndAnotherMail {
        if readiness != 0 { hasMoved = true }
        happened = connection.move(readiness)
      } else {
        happened = connection.listen(readiness)
      }
      take(happened, from: connection)
    }
    turn = waiting.isEmpty ? 0 : (turn + 1) % waiting.count
    return hasMoved
  }

  /// Whether a connection may send the end of a mail, besides those whose results are uncertain.
  private var mayEndAnotherMail: Bool {
    events.count + unrecordedCount + connections.count { $0.hasEndedMail } < maximumUncertain
  }

  private func take(_ happened: [Session.Event], from connection: Connection) {
    for case .completed(let id, let verdict) in happened {
      lossesInARow = 0
      events.append(.completed(id: id, verdict))
    }
    guard connection.isClosed else { return }
    connections.removeAll { $0 === connection }
    if let failure = connection.failure { lose(connection, failure) }
  }

  /// Returns the mails of a lost connection, and decides whether the server is to blame.
  private func lose(_ connection: Connection, _ failure: SessionFault) {
    giveBackMails(of: connection, after: failure)
    let hasUnfinished = !connection.unfinished.isEmpty
    if failure.blame == .server {
      // A 421 during a mail means that the server is closing; on an idle connection, others remain.
      if hasUnfinished { fail(failure) } else { refuse(failure) }
    } else if hasUnfinished || !connection.hasTakenMail {
      lossesInARow += 1
      if lossesInARow >= Self.maximumLossesInARow { fail(failure) }
    }
  }

  private func giveBackMails(of connection: Connection, after failure: SessionFault) {
    for (id, stage) in connection.unfinished {
      switch stage {
      case .untouched: events.append(.returned(id: id))
      case .answered(let verdict): events.append(.completed(id: id, verdict))
      case .begun where failure.blame == .server: events.append(.returned(id: id))
      case .begun:
        events.append(.lost(id: id, reason: failure.reason, afterFinalDot: false))
      case .afterFinalDot where failure.blame == .server:
        // A 421 in reply to the final dot means that the mail was not accepted.
        events.append(.returned(id: id))
      case .afterFinalDot:
        events.append(.lost(id: id, reason: failure.reason, afterFinalDot: true))
      }
    }
  }

  /// Sends QUIT on every connection and waits for the replies, at most for the time limit of a step
  /// and until `limit`. The replies are ignored.
  package func close(by limit: ContinuousClock.Instant? = nil) {
    // A server that has greeted would report a lost connection.
    for connection in connections where connection.isGreeted { connection.prepareToQuit() }
    quitOnIdleConnections()
    connections.removeAll { !$0.isClosing }
    while !connections.isEmpty {
      let now = ContinuousClock.now
      let furthest = now + server.timeLimit
      let end = limit.map { min($0, furthest) } ?? furthest
      if end <= now { break }
      wait(until: end)
      quitOnIdleConnections()
    }
    connections = []
    events.removeAll()
  }

  private func quitOnIdleConnections() {
    for connection in connections where connection.isIdle {
      take(connection.quit(), from: connection)
    }
  }
}
