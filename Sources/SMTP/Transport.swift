internal import Glibc
internal import OpenSSL

/// Several connections with one server, served by one thread.
package final class Transport {
  /// What became of a mail, or of the server.
  package enum Event: Equatable, Sendable {
    case completed(id: Int64, Session.Verdict)
    /// The connection was lost over this mail, perhaps after the server had accepted it.
    case lost(id: Int64, reason: String, afterFinalDot: Bool)
    /// The connection was lost over another mail: nothing happened to this one.
    case returned(id: Int64)
    /// The server is out of order; no new mail is taken.
    case failed(reason: String)
  }

  private let server: Server
  private let credentials: Credentials?
  private let observer: ((Step) -> Void)?
  private var context: TLSContext?
  private var addresses: [SocketAddress] = []
  private var lines: [Line] = []
  private var events: [Event] = []

  /// How many connections may be open: fewer once the server has refused one beside others.
  private var lineLimit: Int
  private var lossesInARow = 0

  /// After so many mails in a row that were lost over their connections, the server is to blame.
  private static let maximumLossesInARow = 10

  /// Why no further mail is taken.
  package private(set) var fault: String?

  package init(
    to server: Server, credentials: Credentials?, connectionLimit: Int,
    observer: ((Step) -> Void)? = nil
  ) {
    self.server = server
    self.credentials = credentials
    self.observer = observer
    lineLimit = connectionLimit
  }

  // MARK: Mails

  /// Whether a mail can be taken on now.
  package var wantsMail: Bool {
    fault == nil && (lines.contains { $0.isIdle } || (!hasRoomForLines && nextLine != nil))
  }

  /// The line for the next mail: one with nothing to do, else one where it can stand ready.
  private var nextLine: Line? {
    lines.first { $0.isIdle } ?? lines.first { $0.canAccept }
  }

  /// Whether connections are being opened, so that mails need not stand in line.
  private var hasRoomForLines: Bool { lines.contains { $0.isOpening } }

  /// Takes a mail on.
  package func submit(_ envelope: Envelope) {
    guard let line = nextLine else { preconditionFailure("ask wantsMail first") }
    take(line.submit(envelope), from: line)
  }

  /// Opens connections for so many mails that wait.
  package func open(for waiting: Int) {
    guard fault == nil, waiting > 0 else { return }
    // The first shows whether the server is there at all.
    let wanted = lines.contains { $0.isReady } ? min(waiting + busyLineCount, lineLimit) : 1
    while lines.count < min(wanted, lineLimit), fault == nil { openLine() }
  }

  private var busyLineCount: Int { lines.count { $0.isReady && !$0.isIdle } }

  private func openLine() {
    do throws(SessionFault) {
      try prepare()
      let line = try Line(
        to: addresses, of: server, context: context, credentials: credentials,
        observer: observer)
      lines.append(line)
    } catch {
      refuse(SessionFault(error.blame, "\(server.text): \(error.reason)"))
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

  /// A connection that could not be opened: the others may do.
  private func refuse(_ failure: SessionFault) {
    if lines.contains(where: { $0.isReady }) {
      lineLimit = max(1, lines.count { $0.isReady })
    } else {
      fail(failure.reason)
    }
  }

  private func fail(_ reason: String) {
    guard fault == nil else { return }
    fault = reason
    events.append(.failed(reason: reason))
  }

  /// Gives back the mails that stand ready and were not begun, and says good-bye where nothing is
  /// under way; the others go on.
  package func recall() {
    for line in lines {
      if let id = line.recall() { events.append(.returned(id: id)) }
      if line.isIdle { take(line.quit(), from: line) }
    }
  }

  /// Ends every connection at once, for a reason; what becomes of the mails is told by `step`.
  package func cut(_ reason: String) {
    for line in lines { giveBackMails(of: line, after: line.cut(reason)) }
    lines = []
  }

  /// Whether the server takes mail from us.
  package var isReady: Bool { lines.contains { $0.isReady } }

  // MARK: Time

  /// Waits until something happens, at most until a moment, and returns what became of the mails.
  package func step(until limit: ContinuousClock.Instant) -> [Event] {
    if events.isEmpty { wait(until: limit) }
    defer { events.removeAll() }
    return events
  }

  private func wait(until limit: ContinuousClock.Instant) {
    var descriptors = lines.map { pollfd(fd: $0.descriptor, events: $0.interest, revents: 0) }
    let soonest = lines.reduce(limit) { min($0, $1.deadline ?? limit) }
    let timeout = (soonest - ContinuousClock.now).milliseconds
    unsafe _ = poll(&descriptors, nfds_t(descriptors.count), timeout)
    let now = ContinuousClock.now
    for (line, descriptor) in zip(lines, descriptors) {
      take(line.move(descriptor.revents), from: line)
    }
    for line in lines { take(line.checkDeadline(now), from: line) }
  }

  private func take(_ happened: [Line.Event], from line: Line) {
    for event in happened {
      switch event {
      case .ready: break
      case .completed(let id, let verdict):
        lossesInARow = 0
        events.append(.completed(id: id, verdict))
      case .closed:
        lines.removeAll { $0 === line }
      case .failed(let failure):
        lines.removeAll { $0 === line }
        lose(line, failure)
      }
    }
  }

  /// Gives back the mails of a connection that has ended, and judges whose fault that is.
  private func lose(_ line: Line, _ failure: SessionFault) {
    giveBackMails(of: line, after: failure)
    let hasUnfinished = !line.unfinished.isEmpty
    if failure.blame == .server {
      // A server that closes a connection with 421 wants no more of us; one that has others may.
      if hasUnfinished { fail(failure.reason) } else { refuse(failure) }
    } else if hasUnfinished || !line.hasTakenMail {
      lossesInARow += 1
      if lossesInARow >= Self.maximumLossesInARow { fail(failure.reason) }
    }
  }

  private func giveBackMails(of line: Line, after failure: SessionFault) {
    for (id, stage) in line.unfinished {
      switch stage {
      case .untouched: events.append(.returned(id: id))
      case .answered(let verdict): events.append(.completed(id: id, verdict))
      case .begun where failure.blame == .server: events.append(.returned(id: id))
      case .begun:
        events.append(.lost(id: id, reason: failure.reason, afterFinalDot: false))
      case .afterFinalDot where failure.blame == .server:
        // A 421 at the end of the mail says that it was not accepted.
        events.append(.returned(id: id))
      case .afterFinalDot:
        events.append(.lost(id: id, reason: failure.reason, afterFinalDot: true))
      }
    }
  }

  /// Says good-bye on every connection and waits for the answers, each for its own time limit, and
  /// none beyond `limit`.
  ///
  /// Nothing depends on the answers.
  package func close(by limit: ContinuousClock.Instant? = nil) {
    for line in lines {
      if line.isIdle { take(line.quit(), from: line) }
    }
    lines.removeAll { !$0.isClosing }
    while !lines.isEmpty {
      let now = ContinuousClock.now
      let furthest = now + server.timeLimit
      let end = limit.map { min($0, furthest) } ?? furthest
      if end <= now { break }
      wait(until: end)
    }
    lines = []
    events.removeAll()
  }
}
