import Foundation
import Synchronization

/// A server on a free port of 127.0.0.1 that replies as a test specifies, with a thread for each
/// connection.
final class ScriptedServer: Sendable {
  /// The server's response to a command.
  enum Answer: Sendable {
    /// Lines without the last line end.
    case say(String)
    /// The same, one byte every 50 ms.
    case drip(String)
    /// The same, and nothing after it.
    case sayAndHangUp(String)
    /// The same as `say`, after a delay in milliseconds.
    case sayLate(String, UInt32)
    case hangUp
    /// Reads everything and never replies again.
    case fallSilent
    /// The same as `say`, and nothing more is read.
    case sayAndStopReading(String)
  }

  /// Chooses a response by the number of the connection, from 0, and the received line: `connect`
  /// for the connection itself, `.` for the end of a mail; `nil` for the default response.
  typealias Manner = @Sendable (_ connection: Int, _ line: String) -> Answer?

  /// The received data, recorded by the threads.
  private final class Record: Sendable {
    struct Content {
      var lines: [[String]] = []
      var mails: [String] = []
      var isOver = false
    }

    let content = Mutex(Content())

    var isOver: Bool { content.withLock { $0.isOver } }

    /// The number of a new connection.
    func addConnection() -> Int {
      content.withLock { content in
        content.lines.append([])
        return content.lines.count - 1
      }
    }

    func add(line: String, of number: Int) { content.withLock { $0.lines[number].append(line) } }
    func add(mail: String) { content.withLock { $0.mails.append(mail) } }
  }

  private let listener: LoopbackListener
  private let record = Record()

  var port: Int { listener.port }

  /// A server that accepts a number of connections and refuses further ones.
  init(
    offering offers: [String] = ["PIPELINING"], connectionLimit: Int = .max,
    manner: @escaping Manner = { _, _ in nil }
  ) throws {
    listener = try LoopbackListener()
    let (listener, record) = (listener, record)
    Thread.detachNewThread {
      while !record.isOver {
        guard let descriptor = Self.nextConnection(at: listener.descriptor) else { continue }
        let number = record.addConnection()
        if number + 1 == connectionLimit { shutdown(listener.descriptor, Int32(SHUT_RDWR)) }
        Thread.detachNewThread {
          Self.converse(
            over: descriptor, as: number, recordedBy: record,
            answer: { line in manner(number, line) ?? Self.usual(line, offers) })
          close(descriptor)
        }
      }
    }
  }

  deinit { record.content.withLock { $0.isOver = true } }

  /// Waits briefly for a connection.
  private static func nextConnection(at listener: Int32) -> Int32? {
    var waiting = pollfd(fd: listener, events: Int16(POLLIN), revents: 0)
    guard poll(&waiting, 1, 100) == 1 else { return nil }
    let descriptor = accept(listener, nil, nil)
    if descriptor < 0 {
      usleep(100_000)
      return nil
    }
    // Replies are sent one by one, without waiting until the previous one is acknowledged.
    var one: Int32 = 1
    setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &one, 4)
    return descriptor
  }

  // MARK: Received data

  /// The received lines, without those of mails, on each connection.
  var lines: [[String]] { record.content.withLock { $0.lines } }

  /// The accepted mails as transmitted, without the final dot.
  var mails: [String] { record.content.withLock { $0.mails } }

  var connectionCount: Int { lines.count }

  /// Whether a number of connections arrive soon: a thread accepts them.
  func hasConnections(_ count: Int) -> Bool {
    let patience = ContinuousClock.now + .seconds(5)
    while connectionCount < count, ContinuousClock.now < patience { sched_yield() }
    return connectionCount == count
  }

  // MARK: Responses

  private static func usual(_ line: String, _ offers: [String]) -> Answer {
    switch line.prefix(4) {
    case "conn": .say("220 mx")
    case "EHLO": .say((["mx"] + offers).map { "250-\($0)\r\n" }.joined() + "250 HELP")
    case "DATA": .say("354 go")
    case ".": .say("250 queued")
    case "QUIT": .sayAndHangUp("221 bye")
    default: .say("250 ok")
    }
  }

  private static func converse(
    over descriptor: Int32, as number: Int, recordedBy record: Record, answer: (String) -> Answer
  ) {
    var reader = LineReader(descriptor: descriptor)
    var mail: String?
    var next: String? = "connect"
    while let line = next {
      defer { next = reader.next() }
      if let text = mail, line != "." {
        mail = text + line + "\n"
        continue
      }
      if line != "connect", line != "." { record.add(line: line, of: number) }
      var given = answer(line)
      if case .sayLate(let text, let milliseconds) = given {
        usleep(milliseconds * 1000)
        given = .say(text)
      }
      switch given {
      case .say(let text), .sayLate(let text, _):
        if line == ".", let mail { record.add(mail: mail) }
        mail = line == "DATA" && text.hasPrefix("354") ? "" : nil
        tell(text + "\r\n", to: descriptor)
      case .sayAndHangUp(let text):
        if line == ".", let mail { record.add(mail: mail) }
        tell(text + "\r\n", to: descriptor)
        hangUp(descriptor, &reader)
      case .drip(let text):
        for byte in text.utf8 {
          tell(String(UnicodeScalar(byte)), to: descriptor)
          usleep(50_000)
        }
        tell("\r\n", to: descriptor)
      case .hangUp: hangUp(descriptor, &reader)
      case .fallSilent: while reader.next() != nil {}
      case .sayAndStopReading(let text):
        tell(text + "\r\n", to: descriptor)
        // Until the peer closes: POLLRDHUP, which the module of the C library lacks.
        var waiting = pollfd(fd: descriptor, events: 0x2000, revents: 0)
        poll(&waiting, 1, 5000)
        return
      }
    }
  }

  private static func tell(_ text: String, to descriptor: Int32) {
    _ = send(descriptor, text, text.utf8.count, Int32(MSG_NOSIGNAL))
  }

  /// Closes the connection without a reset, which could overtake sent data.
  private static func hangUp(_ descriptor: Int32, _ reader: inout LineReader) {
    shutdown(descriptor, Int32(SHUT_WR))
    while reader.next() != nil {}
  }
}

/// The lines that arrive at a socket.
private struct LineReader {
  let descriptor: Int32
  private var buffer: [UInt8] = []
  private var position = 0

  init(descriptor: Int32) { self.descriptor = descriptor }

  /// The next line, without its end; `nil` when the peer has closed.
  mutating func next() -> String? {
    while true {
      let start = position
      if let end = buffer[start...].firstIndex(of: UInt8(ascii: "\n")) {
        position = end + 1
        let line = buffer[start..<end]
        return String(
          decoding: line.last == UInt8(ascii: "\r") ? line.dropLast() : line, as: UTF8.self)
      }
      var bytes = [UInt8](repeating: 0, count: 65_536)
      let count = recv(descriptor, &bytes, bytes.count, 0)
      guard count > 0 else { return nil }
      buffer = Array(buffer[start...] + bytes.prefix(count))
      position = 0
    }
  }
}
