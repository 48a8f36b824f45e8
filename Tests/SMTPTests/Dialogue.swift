import Testing

@testable import SMTP

/// A session, and a server that a test controls.
struct Dialogue {
  var session: Session
  private(set) var events: [Session.Event] = []

  /// The number of bytes of server output that arrive at once.
  private let portion: Int

  /// A session before the greeting.
  init(
    _ security: Session.Security = .clear, credentials: Credentials? = nil, portion: Int = .max
  ) {
    session = Session(security: security, clientName: "[127.0.0.1]", credentials: credentials)
    self.portion = portion
  }

  /// A session with a server that has announced capabilities and accepts mail.
  init(offering offers: [String], portion: Int = .max) throws {
    self.init(portion: portion)
    try answer("220 mx", (["250-mx"] + offers.map { "250-\($0)" }).joined(separator: "\r\n"))
    try answer("250 HELP")
    try #require(events == [.ready])
    events = []
  }

  /// A session with a server that accepts mail, with or without PIPELINING.
  init(pipelined isPipelined: Bool, portion: Int = .max) throws {
    try self.init(offering: isPipelined ? ["PIPELINING"] : [], portion: portion)
  }

  /// A session with one mail in progress, successful up to the reply to a given command.
  init(upTo verb: Verb, pipelined isPipelined: Bool) throws {
    switch verb {
    case .greeting: self.init()
    case .hello:
      self.init()
      try answer("220 mx")
    case .startTLS:
      self.init(.startTLS)
      try answer("220 mx", "250-mx", "250 STARTTLS")
    case .auth:
      self.init(
        .implicitTLS, credentials: Credentials(username: "ann", password: Array("secret".utf8)))
      try answer("220 mx", "250-mx", "250 AUTH PLAIN")
    default:
      try self.init(pipelined: isPipelined)
      switch verb {
      case .mail: submit(1)
      case .recipient:
        submit(1)
        try answer("250 ok")
      case .data:
        submit(1)
        try answer("250 ok", "250 ok")
      case .content:
        submit(1)
        try answer("250 ok", "250 ok", "354 go")
      case .reset:
        submit(1)
        try answer("250 ok", "550 no")
        if isPipelined { try answer("554 no") }
        submit(2)
      default:
        session.quit()
      }
    }
    _ = clientLines()
    try #require(session.awaited == verb)
    events = []
  }

  // MARK: The client

  /// Submits a mail; its content is a line with its number.
  mutating func submit(_ id: Int64) { submit(.mail(id)) }

  mutating func submit(_ envelope: Envelope) { events += session.submit(envelope) }

  /// The client's pending output, as lines of a script; it counts as sent from now on.
  mutating func clientLines() -> [String] {
    let output = session.pendingOutput
    session.sent(output.count)
    if output.isEmpty { return [] }
    var text = String(decoding: output, as: UTF8.self)
    if text.hasSuffix("\r\n") { text.removeLast() } else { text += " (without a line end)" }
    return text.split(separator: "\r\n", omittingEmptySubsequences: false).map { "C: \($0)" }
  }

  // MARK: The server

  /// Sends lines from the server, with the client's responses.
  mutating func answer(_ lines: String...) throws(SessionFault) {
    for line in lines {
      _ = clientLines()
      try say(line + "\r\n")
      _ = clientLines()
    }
  }

  /// Sends text from the server.
  mutating func say(_ text: String) throws(SessionFault) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      events += try session.receive(rest.prefix(portion))
      rest = rest.dropFirst(portion)
    }
    // A fault after events is reported by the next call.
    events += try session.receive([])
  }

  /// Plays the server's lines of a script, which begin with `S: `, and expects the client's lines,
  /// which begin with `C: `, between them.
  mutating func play(
    _ script: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws(SessionFault) {
    var said: [String] = []
    defer { #expect(said.joined(separator: "\n") == script, sourceLocation: sourceLocation) }
    for line in script.split(separator: "\n") where line.hasPrefix("S: ") {
      said += clientLines() + [String(line)]
      try say(line.dropFirst(3) + "\r\n")
    }
    said += clientLines()
  }

  /// The fault that ends a script.
  mutating func fault(
    in script: String, sourceLocation: SourceLocation = #_sourceLocation
  ) -> SessionFault? {
    do throws(SessionFault) {
      try play(script, sourceLocation: sourceLocation)
      return nil
    } catch {
      return error
    }
  }

  // MARK: Results

  /// The results of the mails, in the order reported.
  var verdicts: [Session.Verdict] {
    events.compactMap { if case .completed(_, let verdict) = $0 { verdict } else { nil } }
  }

  /// The mails reported as completed.
  var completed: [Int64] {
    events.compactMap { if case .completed(let id, _) = $0 { id } else { nil } }
  }
}

extension Envelope {
  /// A mail whose content is a line with its number.
  static func mail(
    _ id: Int64, from sender: String = "ann@x.org", to recipient: String = "bob@y.org",
    content: String? = nil
  ) -> Envelope {
    Envelope(
      id: id, sender: sender, recipient: recipient,
      content: Array((content ?? "Mail \(id)\r\n").utf8))
  }
}
