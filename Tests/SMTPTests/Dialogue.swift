import Testing

@testable import SMTP

/// A session, and a server that says what a test tells it to.
struct Dialogue {
  var session: Session
  private(set) var events: [Session.Event] = []

  /// How many bytes of what the server says arrive at once.
  private let portion: Int

  /// A conversation at its very beginning.
  init(
    _ security: Session.Security = .clear, credentials: Credentials? = nil, portion: Int = .max
  ) {
    session = Session(security: security, clientName: "[127.0.0.1]", credentials: credentials)
    self.portion = portion
  }

  /// A conversation with a server that has offered something and takes mail.
  init(offering offers: [String], portion: Int = .max) throws {
    self.init(portion: portion)
    try answer("220 mx", (["250-mx"] + offers.map { "250-\($0)" }).joined(separator: "\r\n"))
    try answer("250 HELP")
    try #require(events == [.ready])
    events = []
  }

  /// A conversation with a server that takes mail, with PIPELINING or without.
  init(pipelined isPipelined: Bool, portion: Int = .max) throws {
    try self.init(offering: isPipelined ? ["PIPELINING"] : [], portion: portion)
  }

  /// A conversation with one mail under way, all well until the answer to some verb is due, and all
  /// said that is to be said before.
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

  /// Takes a mail on; its content is a line of its number.
  mutating func submit(_ id: Int64) { submit(.mail(id)) }

  mutating func submit(_ envelope: Envelope) { events += session.submit(envelope) }

  /// What the client has to say, as lines of a script, which counts as sent from now on.
  mutating func clientLines() -> [String] {
    let output = session.pendingOutput
    session.sent(output.count)
    if output.isEmpty { return [] }
    var text = String(decoding: output, as: UTF8.self)
    if text.hasSuffix("\r\n") { text.removeLast() } else { text += " (without a line end)" }
    return text.split(separator: "\r\n", omittingEmptySubsequences: false).map { "C: \($0)" }
  }

  // MARK: The server

  /// Lets the server say lines, and the client whatever it wants to.
  mutating func answer(_ lines: String...) throws(SessionFault) {
    for line in lines {
      _ = clientLines()
      try say(line + "\r\n")
      _ = clientLines()
    }
  }

  /// Lets the server say something.
  mutating func say(_ text: String) throws(SessionFault) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      events += try session.receive(rest.prefix(portion))
      rest = rest.dropFirst(portion)
    }
    // A fault behind what happened is told when asked again.
    events += try session.receive([])
  }

  /// Plays what the server says in a script, its lines that begin with `S: `, and expects the client
  /// to say in between what the lines have that begin with `C: `.
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

  /// The fault with which a script ends.
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

  // MARK: What came of it

  /// What became of the mails, in the order in which that was told.
  var verdicts: [Session.Verdict] {
    events.compactMap { if case .completed(_, let verdict) = $0 { verdict } else { nil } }
  }

  /// The mails that are told of as completed.
  var completed: [Int64] {
    events.compactMap { if case .completed(let id, _) = $0 { id } else { nil } }
  }
}

extension Envelope {
  /// A mail whose content is a line of its number.
  static func mail(
    _ id: Int64, from sender: String = "ann@x.org", to recipient: String = "bob@y.org",
    content: String? = nil
  ) -> Envelope {
    Envelope(
      id: id, sender: sender, recipient: recipient,
      content: Array((content ?? "Mail \(id)\r\n").utf8))
  }
}
