import Testing

@testable import SMTP

/// Sending mails to a server that follows the protocol.
@Suite("Session, mails") struct SessionMailTests {
  // MARK: One mail

  @Test func `one mail, command by command`() throws {
    var dialogue = try Dialogue(pipelined: false)
    dialogue.submit(1)
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org>
      S: 250 ok
      C: RCPT TO:<bob@y.org>
      S: 250 ok
      C: DATA
      S: 354 go
      C: Mail 1
      C: .
      S: 250 2.0.0 queued as 17
      """)
    #expect(dialogue.events == [.completed(id: 1, .accepted("250 2.0.0 queued as 17"))])
  }

  @Test func `one mail, its commands in a group`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 ok
      S: 250 ok
      S: 354 go
      C: Mail 1
      C: .
      S: 250-2.0.0 queued
      S: 250 2.0.0 as 17
      """)
    #expect(dialogue.events == [.completed(id: 1, .accepted("250 2.0.0 queued 2.0.0 as 17"))])
  }

  @Test(arguments: [true, false], [1, 3, 8])
  func `bytes can arrive in any pieces`(_ isPipelined: Bool, portion: Int) throws {
    var dialogue = try Dialogue(pipelined: isPipelined, portion: portion)
    dialogue.submit(1)
    try dialogue.answer("250-o", "250 k", "250 ok", "354-go", "354 on", "250 done")
    #expect(dialogue.verdicts == [.accepted("250 done")])
  }

  @Test func `all replies may arrive at once`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    _ = dialogue.clientLines()
    try dialogue.say("250 ok\r\n250 ok\r\n354 go\r\n")
    #expect(dialogue.session.awaited == .content)
  }

  @Test(arguments: ["250 ok", "251 ok", "252 perhaps", "200 ok"])
  func `a recipient is accepted with any success code`(_ reply: String) throws {
    var dialogue = try Dialogue(upTo: .recipient, pipelined: false)
    try dialogue.play(
      """
      S: \(reply)
      C: DATA
      """)
  }

  @Test(arguments: [true, false])
  func `an address beyond ASCII needs SMTPUTF8`(_ isPipelined: Bool) throws {
    let offers = ["SMTPUTF8", "8BITMIME"] + (isPipelined ? ["PIPELINING"] : [])
    var dialogue = try Dialogue(offering: offers)
    dialogue.submit(.mail(1, to: "jürgen@xn--bcher-kva.org", content: "To: jürgen\r\n"))
    if isPipelined {
      try dialogue.play(
        """
        C: MAIL FROM:<ann@x.org> BODY=8BITMIME SMTPUTF8
        C: RCPT TO:<jürgen@xn--bcher-kva.org>
        C: DATA
        """)
    } else {
      try dialogue.play(
        """
        C: MAIL FROM:<ann@x.org> BODY=8BITMIME SMTPUTF8
        S: 250 ok
        C: RCPT TO:<jürgen@xn--bcher-kva.org>
        """)
    }
  }

  @Test func `without SMTPUTF8 such a mail is deferred, and others are sent`() throws {
    var dialogue = try Dialogue(offering: ["8BITMIME"])
    dialogue.submit(.mail(1, to: "jürgen@y.org", content: "To: jürgen\r\n"))
    #expect(
      dialogue.verdicts
        == [.deferred("the server does not offer SMTPUTF8, which the address jürgen@y.org needs")])
    #expect(dialogue.clientLines() == [])
    dialogue.submit(2)
    try dialogue.play("C: MAIL FROM:<ann@x.org>")
  }

  @Test func `a bounce has no sender`() throws {
    var dialogue = try Dialogue(pipelined: false)
    dialogue.submit(.mail(1, from: ""))
    try dialogue.play("C: MAIL FROM:<>")
  }

  @Test(arguments: [
    ("", "C: ."), (".\r\n", "C: ..\nC: ."), ("a\nb\rc", "C: a\nC: b\nC: c\nC: ."),
    ("a\n.\nb", "C: a\nC: ..\nC: b\nC: ."), ("a\r\n\r\n.b", "C: a\nC: \nC: ..b\nC: ."),
  ])
  func `content cannot end the mail`(_ content: String, lines: String) throws {
    var dialogue = try Dialogue(pipelined: false)
    dialogue.submit(.mail(1, content: content))
    try dialogue.answer("250 ok", "250 ok")
    try dialogue.play("S: 354 go\n\(lines)")
  }

  // MARK: What the server offers

  @Test(arguments: [
    (["SIZE"], "Mail\r\n", " SIZE=6"), (["SIZE 6"], "Mail\r\n", " SIZE=6"),
    (["SIZE 0"], "Mail\r\n", " SIZE=6"), ([], "Mail\r\n", ""),
    (["8BITMIME"], "Mail\r\n", ""), (["8BITMIME"], "Mäil\r\n", " BODY=8BITMIME"),
    (["8BITMIME", "SIZE"], "Mäil\r\n", " SIZE=7 BODY=8BITMIME"),
  ])
  func `MAIL has the parameters that the server supports`(
    _ offers: [String], content: String, parameters: String
  ) throws {
    var dialogue = try Dialogue(offering: offers)
    dialogue.submit(.mail(1, content: content))
    try dialogue.play("C: MAIL FROM:<ann@x.org>\(parameters)")
  }

  @Test(arguments: [
    (["SIZE 5"], Envelope.mail(1, content: "Mail\r\n"), "larger than the 5 bytes"),
    (["SIZE"], .mail(1, content: "Mäil\r\n"), "eight bits"),
    (["8BITMIME"], .mail(1, to: "b c@y.org"), "cannot be written"),
    ([], .mail(1, to: "bob@y.org>\r\nRCPT TO:<eve@y.org"), "cannot be written"),
    (["SMTPUTF8"], .mail(1, to: "jürgen@y.org", content: "Mäil\r\n"), "eight bits"),
    ([], .mail(1, from: "<ann@x.org>"), "cannot be written"),
  ])
  func `a mail that the server cannot accept is not sent`(
    _ offers: [String], envelope: Envelope, reason: String
  ) throws {
    var dialogue = try Dialogue(offering: offers)
    dialogue.submit(envelope)
    guard case .refused(let words) = try #require(dialogue.verdicts.first) else {
      Issue.record("it was offered")
      return
    }
    #expect(words.contains(reason))
    #expect(dialogue.clientLines().isEmpty)
    #expect(dialogue.session.isIdle)
  }

  // MARK: Several mails

  @Test func `several mails are sent on one connection`() throws {
    var dialogue = try Dialogue(pipelined: false)
    for id: Int64 in 1...3 {
      dialogue.submit(id)
      try dialogue.play(
        """
        C: MAIL FROM:<ann@x.org>
        S: 250 ok
        C: RCPT TO:<bob@y.org>
        S: 250 ok
        C: DATA
        S: 354 go
        C: Mail \(id)
        C: .
        S: 250 queued
        """)
    }
    #expect(dialogue.completed == [1, 2, 3])
  }

  @Test func `the next group follows the final dot`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    dialogue.submit(2)
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 ok
      S: 250 ok
      S: 354 go
      C: Mail 1
      C: .
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 queued as 1
      S: 250 ok
      S: 250 ok
      S: 354 go
      C: Mail 2
      C: .
      S: 250 queued as 2
      """)
    #expect(dialogue.verdicts == [.accepted("250 queued as 1"), .accepted("250 queued as 2")])
  }

  @Test func `a mail submitted while another ends is sent at once`() throws {
    var dialogue = try Dialogue(upTo: .content, pipelined: true)
    dialogue.submit(2)
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 queued
      """)
    #expect(dialogue.completed == [1])
  }

  @Test(arguments: [Verb.mail, .recipient, .data, .content])
  func `without PIPELINING a mail is accepted after the previous one`(_ verb: Verb) throws {
    let dialogue = try Dialogue(upTo: verb, pipelined: false)
    #expect(!dialogue.session.canAccept)
  }

  @Test(arguments: [Verb.mail, .recipient, .data, .content])
  func `with PIPELINING one mail can be queued`(_ verb: Verb) throws {
    let dialogue = try Dialogue(upTo: verb, pipelined: true)
    #expect(dialogue.session.canAccept)
  }

  @Test(arguments: [Verb.mail, .recipient, .data])
  func `no second mail can be queued`(_ verb: Verb) throws {
    var dialogue = try Dialogue(upTo: verb, pipelined: true)
    dialogue.submit(2)
    #expect(!dialogue.session.canAccept)
  }

  @Test(arguments: [Verb.mail, .recipient, .data])
  func `a queued mail can be recalled`(_ verb: Verb) throws {
    var dialogue = try Dialogue(upTo: verb, pipelined: true)
    dialogue.submit(2)
    #expect(dialogue.session.recall() == 2)
    #expect(dialogue.session.recall() == nil)
    #expect(dialogue.session.unfinished.map(\.id) == [1])
  }

  @Test(arguments: [Verb.mail, .recipient, .data, .content], [true, false])
  func `a mail that was begun cannot be recalled`(_ verb: Verb, isPipelined: Bool) throws {
    var dialogue = try Dialogue(upTo: verb, pipelined: isPipelined)
    #expect(dialogue.session.recall() == nil)
    #expect(dialogue.session.unfinished.map(\.id) == [1])
  }

  @Test func `a recall does not affect the previous mail`() throws {
    var dialogue = try Dialogue(upTo: .data, pipelined: true)
    dialogue.submit(2)
    _ = dialogue.session.recall()
    try dialogue.play(
      """
      S: 354 go
      C: Mail 1
      C: .
      S: 250 queued
      """)
    #expect(dialogue.completed == [1])
    #expect(dialogue.session.isIdle)
  }

  @Test func `after a recall before RSET the connection can be used`() throws {
    var dialogue = try Dialogue(upTo: .reset, pipelined: false)
    #expect(dialogue.session.recall() == 2)
    try dialogue.answer("250 ok")
    #expect(dialogue.session.isIdle)
    dialogue.submit(3)
    try dialogue.play("C: MAIL FROM:<ann@x.org>")
  }

  @Test func `many mails take one round trip each`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    var next: Int64 = 2
    try dialogue.answer("250 ok", "250 ok", "354 go")
    for _ in 1...50 {
      dialogue.submit(next)
      next += 1
      _ = dialogue.clientLines()
      try dialogue.say("250 queued\r\n250 ok\r\n250 ok\r\n354 go\r\n")
      #expect(dialogue.session.awaited == .content)
    }
    #expect(dialogue.completed == Array(1...50))
  }

  // MARK: Reports

  private func identified(_ envelopeID: String?, to recipient: String = "bob+x@y.org") -> Envelope {
    Envelope(
      id: 1, sender: "ann@x.org", recipient: recipient, envelopeID: envelopeID,
      content: Array("Mail 1\r\n".utf8))
  }

  @Test func `a server that reports failures is asked to, with the identifier of the mail`() throws
  {
    var dialogue = try Dialogue(offering: ["PIPELINING", "SIZE", "DSN"])
    dialogue.submit(identified("7.1.ab"))
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org> SIZE=8 RET=HDRS ENVID=7.1.ab
      C: RCPT TO:<bob+x@y.org> NOTIFY=FAILURE,DELAY ORCPT=rfc822;bob+2Bx@y.org
      C: DATA
      """)
  }

  @Test(
    arguments: [
      (["SIZE"], "7.1.ab"), (["SIZE", "DSN"], nil),
      (["SIZE", "DSN"], String(repeating: "1", count: 101)),
    ] as [([String], String?)])
  func `other servers and mails get no parameters`(_ offers: [String], envelopeID: String?) throws {
    var dialogue = try Dialogue(offering: offers + ["PIPELINING"])
    dialogue.submit(identified(envelopeID))
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org> SIZE=8
      C: RCPT TO:<bob+x@y.org>
      C: DATA
      """)
  }
}
