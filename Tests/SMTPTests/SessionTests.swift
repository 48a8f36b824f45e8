import Base
import Testing

@testable import SMTP

/// Opening and ending a session.
@Suite("Session") struct SessionTests {
  private func credentials(_ username: String = "ann", _ password: String = "secret") -> Credentials
  {
    Credentials(username: username, password: Array(password.utf8))
  }

  // MARK: Opening

  @Test(arguments: [Session.Security.clear, .implicitTLS])
  func `greeting and EHLO open a session`(_ security: Session.Security) throws {
    var dialogue = Dialogue(security)
    try dialogue.play(
      """
      S: 220 mx
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250-PIPELINING
      S: 250 STARTTLS
      """)
    #expect(dialogue.events == [.ready])
  }

  @Test func `a server without extensions is accepted`() throws {
    var dialogue = Dialogue()
    try dialogue.play(
      """
      S: 220-mx
      S: 220-no spam
      S: 220
      C: EHLO [127.0.0.1]
      S: 250 mx
      """)
    #expect(dialogue.session.isReady)
  }

  @Test func `the client waits for the greeting`() {
    var dialogue = Dialogue()
    #expect(dialogue.clientLines().isEmpty)
    #expect(dialogue.session.awaited == .greeting)
    #expect(!dialogue.session.canAccept)
  }

  @Test(arguments: [
    "421 busy", "450 later", "554 no", "250 mx", "221 mx", "354 mx", "334 mx", "hello", "299 mx",
    "600 mx", "220-mx\nS: 221 mx",
  ])
  func `any other greeting is the server's fault`(_ reply: String) {
    var dialogue = Dialogue()
    #expect(dialogue.fault(in: "S: \(reply)")?.blame == .server)
  }

  @Test(arguments: [
    "421 busy", "451 later", "502 what", "550 no", "220 mx", "251 mx", "354 mx", "hello", "299 mx",
    "250-mx\nS: 550 no",
  ])
  func `a refused EHLO is the server's fault`(_ reply: String) {
    var dialogue = Dialogue()
    let fault = dialogue.fault(
      in: """
        S: 220 mx
        C: EHLO [127.0.0.1]
        S: \(reply)
        """)
    #expect(fault?.blame == .server)
  }

  @Test func `a reply before its command is a fault`() {
    var dialogue = Dialogue()
    let fault = #expect(throws: SessionFault.self) {
      try dialogue.say("220 mx\r\n250 mx\r\n250 mx\r\n")
    }
    #expect(fault?.reason == "the server answered EHLO before it was sent: 250 mx")
  }

  @Test(arguments: [1, 2, 5])
  func `bytes can arrive in any pieces`(_ portion: Int) throws {
    var dialogue = Dialogue(portion: portion)
    try dialogue.play(
      """
      S: 220 mx
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250 HELP
      """)
    #expect(dialogue.events == [.ready])
  }

  @Test func `the observer gets each reply`() throws {
    var dialogue = Dialogue()
    var seen: [String] = []
    dialogue.session.observer = { seen.append("\($0.rawValue): \($1.text)") }
    try dialogue.answer("220 mx", "250-mx", "250 HELP")
    #expect(seen == ["greeting: 220 mx", "EHLO: 250 mx HELP"])
  }

  // MARK: STARTTLS

  @Test func `after STARTTLS and the handshake comes another EHLO`() throws {
    var dialogue = Dialogue(.startTLS)
    try dialogue.play(
      """
      S: 220 mx
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250 STARTTLS
      C: STARTTLS
      S: 220 go
      """)
    #expect(dialogue.events == [.startTLS])
    dialogue.session.secured()
    try dialogue.play(
      """
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250 STARTTLS
      """)
    #expect(dialogue.events == [.startTLS, .ready])
  }

  @Test func `nothing is sent between STARTTLS and the handshake`() throws {
    var dialogue = try Dialogue(upTo: .startTLS, pipelined: false)
    try dialogue.say("220 go\r\n")
    #expect(!dialogue.session.hasPendingOutput)
    #expect(!dialogue.session.canAccept)
  }

  @Test func `capabilities received before TLS are discarded`() throws {
    var dialogue = Dialogue(.startTLS)
    try dialogue.answer(
      "220 mx", "250-mx", "250-PIPELINING", "250-SIZE 1", "250 STARTTLS", "220 go")
    dialogue.session.secured()
    try dialogue.answer("250 mx")
    dialogue.submit(1)
    try dialogue.play("C: MAIL FROM:<ann@x.org>")
  }

  @Test(arguments: [
    "250 injected\r\n", "250-injected", "2", "\r\n", "\n", "\u{16}\u{3}\u{1}", "220 go\r\n",
  ])
  func `bytes after the reply to STARTTLS are the server's fault`(_ injected: String) throws {
    var dialogue = try Dialogue(upTo: .startTLS, pipelined: false)
    let fault = try #require(throws: SessionFault.self) {
      try dialogue.say("220 go\r\n\(injected)")
    }
    #expect(fault.blame == .server)
    #expect(!dialogue.events.contains(.startTLS))
  }

  @Test func `a server without STARTTLS gets no mail`() {
    var dialogue = Dialogue(.startTLS)
    let fault = dialogue.fault(
      in: """
        S: 220 mx
        C: EHLO [127.0.0.1]
        S: 250-mx
        S: 250 PIPELINING
        """)
    #expect(fault == SessionFault(.server, "the server does not offer STARTTLS"))
  }

  @Test(arguments: [
    "421 no", "454 later", "502 no", "250 go", "221 go", "354 go", "what", "299 go",
  ])
  func `a refused STARTTLS is the server's fault`(_ reply: String) throws {
    var dialogue = try Dialogue(upTo: .startTLS, pipelined: false)
    #expect(dialogue.fault(in: "S: \(reply)")?.blame == .server)
  }

  // MARK: AUTH

  @Test(arguments: [
    "AUTH PLAIN", "AUTH LOGIN PLAIN", "AUTH CRAM-MD5 PLAIN LOGIN", "AUTH=PLAIN", "auth plain",
  ])
  func `PLAIN sends name and password at once`(_ offer: String) throws {
    var dialogue = Dialogue(.implicitTLS, credentials: credentials())
    try dialogue.play(
      """
      S: 220 mx
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250 \(offer)
      C: AUTH PLAIN AGFubgBzZWNyZXQ=
      S: 235 welcome
      """)
    #expect(dialogue.events == [.ready])
  }

  /// Prompts of a server: base64 of `Username:`, base64 of other text, or no base64.
  @Test(arguments: [
    ("334 VXNlcm5hbWU6", "334 UGFzc3dvcmQ6"), ("334 UGFzc3dvcmQ6", "334 VXNlcm5hbWU6"),
    ("334", "334 "), ("334 !?", "334 %s"), ("334-a\nS: 334 b", "334 c"),
  ])
  func `LOGIN sends name and password when asked, for any prompt`(
    _ first: String, second: String
  ) throws {
    var dialogue = Dialogue(.implicitTLS, credentials: credentials())
    try dialogue.play(
      """
      S: 220 mx
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250 AUTH CRAM-MD5 LOGIN
      C: AUTH LOGIN
      S: \(first)
      C: YW5u
      S: \(second)
      C: c2VjcmV0
      S: 235 welcome
      """)
    #expect(dialogue.events == [.ready])
  }

  @Test func `a non-ASCII name or password is sent in UTF-8`() throws {
    var dialogue = Dialogue(.implicitTLS, credentials: credentials("jürgen", "pässword"))
    try dialogue.answer("220 mx", "250-mx")
    try dialogue.play(
      """
      S: 250 AUTH PLAIN
      C: AUTH PLAIN AGrDvHJnZW4AcMOkc3N3b3Jk
      """)
  }

  /// A command has at most 512 bytes including its line end; base64 has groups of four.
  @Test(arguments: [(367, true), (368, false), (5000, false)])
  func `a long initial response is sent when asked`(_ count: Int, isAtOnce: Bool) throws {
    let password = String(repeating: "x", count: count)
    let response = Base64.standard.encode([0] + Array("ann".utf8) + [0] + Array(password.utf8))
    var dialogue = Dialogue(.implicitTLS, credentials: credentials("ann", password))
    try dialogue.answer("220 mx", "250-mx")
    try dialogue.play(
      isAtOnce
        ? """
        S: 250 AUTH PLAIN
        C: AUTH PLAIN \(response)
        S: 235 welcome
        """
        : """
        S: 250 AUTH PLAIN
        C: AUTH PLAIN
        S: 334 go on
        C: \(response)
        S: 235 welcome
        """)
    #expect(dialogue.events == [.ready])
  }

  @Test(arguments: ["secret", "no:secret!", "c2VjcmV0", "AGFubgBzZWNyZXQ=", "x AGFubgBzZWNyZXQ= y"])
  func `a password that the server repeats is hidden`(_ words: String) throws {
    var dialogue = try Dialogue(upTo: .auth, pipelined: false)
    var seen: [String] = []
    dialogue.session.observer = { seen.append($1.text) }
    let fault = dialogue.fault(in: "S: 535-wrong\nS: 535 \(words)")
    #expect(fault?.reason == "the server refused AUTH: 535 wrong (not shown)")
    #expect(seen == ["535 wrong (not shown)"])
  }

  @Test func `a reply without the password is shown unchanged`() throws {
    var dialogue = try Dialogue(upTo: .auth, pipelined: false)
    #expect(
      dialogue.fault(in: "S: 535 5.7.8 wrong")?.reason
        == "the server refused AUTH: 535 5.7.8 wrong")
  }

  @Test func `AUTH comes after STARTTLS`() throws {
    var dialogue = Dialogue(.startTLS, credentials: credentials())
    try dialogue.answer("220 mx", "250-mx", "250-AUTH PLAIN", "250 STARTTLS", "220 go")
    dialogue.session.secured()
    try dialogue.play(
      """
      C: EHLO [127.0.0.1]
      S: 250-mx
      S: 250 AUTH LOGIN
      C: AUTH LOGIN
      """)
  }

  private static let unknown = SessionFault(
    .server, "the server offers no AUTH that regctl knows (PLAIN, LOGIN)")

  /// The fault of a server that wants a token, for which it is known what helps.
  private static func wantsToken(by mechanism: String) -> SessionFault {
    SessionFault(
      .server, "the server wants AUTH by \(mechanism), with a token in place of a password",
      remedy: .tokenAuthentication)
  }

  @Test(arguments: [
    ("HELP", unknown), ("AUTH", unknown), ("AUTH CRAM-MD5", unknown),
    ("AUTH XOAUTH2", wantsToken(by: "XOAUTH2")),
    ("AUTH CRAM-MD5 OAUTHBEARER XOAUTH2", wantsToken(by: "OAUTHBEARER")),
  ])
  func `a server without a known mechanism is at fault`(_ offer: String, expected: SessionFault) {
    var dialogue = Dialogue(.implicitTLS, credentials: credentials())
    let fault = dialogue.fault(
      in: """
        S: 220 mx
        C: EHLO [127.0.0.1]
        S: 250-mx
        S: 250 \(offer)
        """)
    #expect(fault == expected)
  }

  @Test(arguments: [
    "421 no", "454 later", "535 wrong", "504 what", "250 ok", "334 more", "354 go", "what", "299 x",
  ])
  func `a refused AUTH is the server's fault`(_ reply: String) throws {
    var dialogue = try Dialogue(upTo: .auth, pipelined: false)
    #expect(dialogue.fault(in: "S: \(reply)")?.blame == .server)
  }

  @Test(arguments: [["535 no"], ["334 x", "535 no"], ["334 x", "334 y", "535 no"]])
  func `LOGIN can be refused at each prompt`(_ replies: [String]) throws {
    var dialogue = Dialogue(.implicitTLS, credentials: credentials())
    try dialogue.answer("220 mx", "250-mx", "250 AUTH LOGIN")
    let fault = #expect(throws: SessionFault.self) {
      for reply in replies { try dialogue.answer(reply) }
    }
    #expect(fault == SessionFault(.server, "the server refused AUTH: 535 no"))
  }

  @Test func `the password is sent once`() throws {
    var dialogue = Dialogue(.implicitTLS, credentials: credentials())
    try dialogue.answer("220 mx", "250-mx", "250 AUTH LOGIN", "334 a", "334 b")
    let fault = dialogue.fault(in: "S: 334 c")
    #expect(fault?.blame == .server)
  }

  // MARK: QUIT

  @Test(arguments: ["221 bye", "250 ok", "421 bye", "500 what", "354 go", "221-so\nS: 221 long"])
  func `QUIT ends the session with any reply`(_ reply: String) throws {
    var dialogue = try Dialogue(pipelined: false)
    dialogue.session.quit()
    try dialogue.play(
      """
      C: QUIT
      S: \(reply)
      """)
    #expect(dialogue.events == [.closed])
  }

  @Test func `after QUIT no mail is accepted`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.session.quit()
    #expect(!dialogue.session.canAccept)
    #expect(!dialogue.session.isIdle)
  }
}
