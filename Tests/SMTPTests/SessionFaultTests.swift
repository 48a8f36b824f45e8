import Testing

@testable import SMTP

/// The results of a session and its mails with a server that violates the protocol.
@Suite("SessionFault") struct SessionFaultTests {
  private static let mailVerbs: [Verb] = [.mail, .recipient, .data, .content]

  /// Replies that are invalid at every step of a mail.
  private static let breaches = [
    "hello", "", "25 ok", "299 ok", "260 ok", "600 no", "199 wait", "250-ok\r\n251 ok",
    "250-ok\r\n550 no", "250 " + String(repeating: "x", count: 2050),
    String(repeating: "250-x\r\n", count: 100) + "250 x",
    String(repeating: "250-" + String(repeating: "x", count: 1000) + "\r\n", count: 70) + "250 x",
  ]

  /// The fault caused by a reply.
  private func fault(
    _ reply: String, to dialogue: inout Dialogue, sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> SessionFault {
    try #require(throws: SessionFault.self, sourceLocation: sourceLocation) {
      try dialogue.say(reply + "\r\n")
    }
  }

  // MARK: Blame

  @Test(arguments: breaches, mailVerbs)
  func `a protocol violation is blamed on the mail`(_ reply: String, verb: Verb) throws {
    for isPipelined in [true, false] {
      var dialogue = try Dialogue(upTo: verb, pipelined: isPipelined)
      #expect(try fault(reply, to: &dialogue).blame == .mail)
    }
  }

  @Test(arguments: breaches, [Verb.greeting, .hello, .startTLS, .auth])
  func `before readiness a violation is the server's fault`(_ reply: String, verb: Verb) throws {
    var dialogue = try Dialogue(upTo: verb, pipelined: false)
    #expect(try fault(reply, to: &dialogue).blame == .server)
  }

  @Test(
    arguments: [
      (.mail, "354 go"), (.mail, "334 x"), (.recipient, "354 go"), (.recipient, "334 x"),
      (.data, "250 ok"), (.data, "200 ok"), (.data, "334 x"), (.data, "355 go"),
      (.content, "354 go"), (.content, "334 x"), (.reset, "354 go"), (.reset, "220 ok"),
    ] as [(Verb, String)], [true, false])
  func `an unexpected kind of reply is blamed on the mail`(
    _ answer: (verb: Verb, reply: String), isPipelined: Bool
  ) throws {
    var dialogue = try Dialogue(upTo: answer.verb, pipelined: isPipelined)
    let fault = try fault(answer.reply, to: &dialogue)
    #expect(fault.blame == .mail)
    #expect(fault.reason.contains(answer.verb.rawValue))
  }

  @Test(
    arguments: [
      Verb.greeting, .hello, .startTLS, .auth, .mail, .recipient, .data, .content, .reset,
    ], [true, false])
  func `at every step 421 is the server's fault`(_ verb: Verb, isPipelined: Bool) throws {
    var dialogue = try Dialogue(upTo: verb, pipelined: isPipelined)
    let fault = try fault("421 4.3.2 shutting down", to: &dialogue)
    #expect(
      fault == SessionFault(.server, "the server is closing: 421 4.3.2 shutting down"))
  }

  @Test func `421 on an idle connection is the server's fault`() throws {
    var dialogue = try Dialogue(pipelined: true)
    #expect(try fault("421 too long idle", to: &dialogue).blame == .server)
  }

  @Test(arguments: ["451 no", "500 what", "502 what"], [true, false])
  func `a refused RSET is the server's fault`(_ reply: String, isPipelined: Bool) throws {
    var dialogue = try Dialogue(upTo: .reset, pipelined: isPipelined)
    #expect(try fault(reply, to: &dialogue).blame == .server)
  }

  @Test(arguments: ["250 ok", "220 mx", "550 no", "354 go"])
  func `an unsolicited reply is a fault`(_ reply: String) throws {
    var dialogue = try Dialogue(pipelined: true)
    let fault = try fault(reply, to: &dialogue)
    #expect(fault == SessionFault(.mail, "unexpected reply from the server: \(reply)"))
  }

  @Test func `an extra reply is a fault`() throws {
    var dialogue = try Dialogue(upTo: .content, pipelined: false)
    let fault = try #require(throws: SessionFault.self) {
      try dialogue.say("250 queued\r\n250 what?\r\n")
    }
    #expect(fault.reason == "unexpected reply from the server: 250 what?")
  }

  @Test func `a fault names its step`() throws {
    var dialogue = try Dialogue(upTo: .recipient, pipelined: true)
    #expect(
      try fault("hello", to: &dialogue)
        == SessionFault(.mail, "the server sent an invalid reply, at RCPT"))
  }

  // MARK: Replies to unsent commands

  @Test(
    arguments: [
      "250 queued", "200 ok", "451 later", "550 no", "552 too large", "554-no\r\n554 never",
    ], [true, false])
  func `a reply to a mail before its final dot is a fault, and the mail is begun`(
    _ reply: String, isPipelined: Bool
  ) throws {
    var dialogue = try Dialogue(upTo: .data, pipelined: isPipelined)
    let fault = try fault("354 go\r\n" + reply, to: &dialogue)
    let words = reply.split(separator: "\r\n").count == 2 ? "554 no never" : reply
    #expect(
      fault == SessionFault(.mail, "the server answered end of mail before it was sent: \(words)"))
    #expect(dialogue.completed.isEmpty)
    #expect(dialogue.session.unfinished.map(\.stage) == [.begun])
  }

  @Test(arguments: [true, false])
  func `one unsent byte is enough`(_ isPipelined: Bool) throws {
    for missing in [1, 0] {
      var dialogue = try Dialogue(upTo: .data, pipelined: isPipelined)
      try dialogue.say("354 go\r\n")
      dialogue.session.sent(dialogue.session.pendingOutput.count - missing)
      _ = try? dialogue.say("250 queued\r\n")
      #expect(dialogue.completed == (missing == 0 ? [1] : []))
    }
  }

  @Test func `421 is allowed at any time, and accepts nothing`() throws {
    var dialogue = try Dialogue(upTo: .data, pipelined: true)
    let fault = try fault("354 go\r\n421 shutting down", to: &dialogue)
    #expect(fault == SessionFault(.server, "the server is closing: 421 shutting down"))
    #expect(dialogue.session.unfinished.map(\.stage) == [.begun])
  }

  @Test func `replies to the whole of a mail at once are a fault at its second step`() throws {
    var dialogue = try Dialogue(pipelined: false)
    dialogue.submit(1)
    _ = dialogue.clientLines()
    let fault = try fault("250 a\r\n250 b\r\n354 c\r\n250 queued", to: &dialogue)
    #expect(fault == SessionFault(.mail, "the server answered RCPT before it was sent: 250 b"))
  }

  @Test func `the next mail is not accepted with the previous one`() throws {
    var dialogue = try Dialogue(upTo: .data, pipelined: true)
    dialogue.submit(2)
    try dialogue.answer("354 go")
    // Commands of the second mail were sent, but not its content.
    let fault = try fault(
      "250 queued 1\r\n250 a\r\n250 b\r\n354 c\r\n250 queued 2", to: &dialogue)
    #expect(
      fault
        == SessionFault(.mail, "the server answered end of mail before it was sent: 250 queued 2"))
    #expect(dialogue.completed == [1])
    #expect(dialogue.session.unfinished.map(\.id) == [2])
    #expect(dialogue.session.unfinished.map(\.stage) == [.begun])
  }

  @Test(arguments: ["250 mx", "550 no"])
  func `an answer to EHLO together with the greeting is the server's fault`(
    _ reply: String
  ) throws {
    var dialogue = Dialogue()
    let fault = try fault("220 mx\r\n" + reply, to: &dialogue)
    #expect(fault == SessionFault(.server, "the server answered EHLO before it was sent: \(reply)"))
  }

  @Test func `a reply to AUTH together with the capabilities is the server's fault`() throws {
    var dialogue = Dialogue(
      .implicitTLS, credentials: Credentials(username: "ann", password: Array("secret".utf8)))
    try dialogue.answer("220 mx")
    let fault = try fault("250-mx\r\n250 AUTH PLAIN\r\n235 welcome", to: &dialogue)
    #expect(
      fault == SessionFault(.server, "the server answered AUTH before it was sent: 235 welcome"))
  }

  // MARK: Earlier results

  @Test(arguments: ["421 bye", "250 what?", "hello"])
  func `a result received before a fault is kept`(_ behind: String) throws {
    var dialogue = try Dialogue(upTo: .content, pipelined: true)
    // Either reported as completed, or left as answered; never lost.
    _ = try? dialogue.say("250 queued\r\n\(behind)\r\n")
    #expect(dialogue.completed + dialogue.session.unfinished.map(\.id) == [1])
  }

  // MARK: Unfinished mails

  @Test func `without a mail nothing is unfinished`() throws {
    let dialogue = try Dialogue(pipelined: true)
    #expect(dialogue.session.unfinished.isEmpty)
  }

  @Test(arguments: [Verb.mail, .recipient, .data], [true, false])
  func `until its final dot a mail has been started`(_ verb: Verb, isPipelined: Bool) throws {
    let dialogue = try Dialogue(upTo: verb, pipelined: isPipelined)
    #expect(dialogue.session.unfinished.map(\.id) == [1])
    #expect(dialogue.session.unfinished.map(\.stage) == [.begun])
  }

  @Test(arguments: [true, false])
  func `a mail is after its final dot once every byte is sent`(_ isPipelined: Bool) throws {
    var dialogue = try Dialogue(upTo: .data, pipelined: isPipelined)
    try dialogue.say("354 go\r\n")
    var stages: [Session.Stage] = []
    while dialogue.session.hasPendingOutput {
      stages += dialogue.session.unfinished.map(\.stage)
      dialogue.session.sent(1)
    }
    #expect(stages == Array(repeating: .begun, count: "Mail 1\r\n.\r\n".utf8.count))
    #expect(dialogue.session.unfinished.map(\.stage) == [.afterFinalDot])
  }

  @Test(arguments: [true, false])
  func `a mail is in progress from its first command to its final dot`(_ isPipelined: Bool) throws {
    for verb in Self.mailVerbs {
      let dialogue = try Dialogue(upTo: verb, pipelined: isPipelined)
      #expect(dialogue.session.underWay == (verb == .content ? nil : 1))
    }
  }

  @Test func `a queued mail is in progress after the previous reply`() throws {
    var dialogue = try Dialogue(upTo: .content, pipelined: true)
    dialogue.submit(2)
    _ = dialogue.clientLines()
    #expect(dialogue.session.underWay == nil)
    try dialogue.answer("250 queued")
    #expect(dialogue.session.underWay == 2)
  }

  @Test func `what follows the final dot need not be sent`() throws {
    var dialogue = try Dialogue(upTo: .data, pipelined: true)
    dialogue.submit(2)
    try dialogue.say("354 go\r\n")
    dialogue.session.sent("Mail 1\r\n.\r\n".utf8.count)
    #expect(dialogue.session.hasPendingOutput)
    #expect(dialogue.session.unfinished.map(\.stage) == [.afterFinalDot, .untouched])
  }

  @Test(arguments: [
    (["450 later"], Session.Verdict.deferred("450 later")), (["550 no"], .refused("550 no")),
    (["250 ok", "550 no"], .refused("550 no")), (["250 ok", "450 no"], .deferred("450 no")),
    (["250 ok", "550 no", "354 go"], .refused("550 no")),
  ])
  func `a refused mail stays refused after any fault`(
    _ replies: [String], verdict: Session.Verdict
  ) throws {
    var dialogue = try Dialogue(upTo: .mail, pipelined: true)
    for reply in replies { try dialogue.answer(reply) }
    #expect(dialogue.session.unfinished.map(\.stage) == [.answered(verdict)])
  }

  @Test(arguments: [Verb.mail, .recipient, .data, .content])
  func `a queued mail is untouched`(_ verb: Verb) throws {
    var dialogue = try Dialogue(upTo: verb, pipelined: true)
    dialogue.submit(2)
    _ = dialogue.clientLines()
    #expect(dialogue.session.unfinished.map(\.id) == [1, 2])
    #expect(dialogue.session.unfinished.last?.stage == .untouched)
  }

  @Test func `three mails can be unfinished, oldest first`() throws {
    var dialogue = try Dialogue(upTo: .content, pipelined: true)
    dialogue.submit(2)
    dialogue.submit(3)
    #expect(dialogue.session.unfinished.map(\.id) == [1, 2, 3])
    #expect(
      dialogue.session.unfinished.map(\.stage) == [.afterFinalDot, .untouched, .untouched])
  }

  @Test func `a mail that waits for RSET is untouched`() throws {
    let dialogue = try Dialogue(upTo: .reset, pipelined: false)
    #expect(dialogue.session.unfinished.map(\.stage) == [.untouched])
  }

  @Test func `a completed mail is not unfinished`() throws {
    var dialogue = try Dialogue(upTo: .content, pipelined: true)
    try dialogue.answer("250 queued")
    #expect(dialogue.session.unfinished.isEmpty)
    #expect(dialogue.session.isIdle)
  }
}
