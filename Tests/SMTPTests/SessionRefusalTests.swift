import Testing

@testable import SMTP

/// The commands for a mail that the server refuses, and after it.
@Suite("Session, refusals") struct SessionRefusalTests {
  /// The step at which a transaction is refused, and the server's replies until then.
  struct Refusal: Sendable, CustomTestStringConvertible {
    let verb: Verb
    let isPipelined: Bool
    let script: String

    var testDescription: String { "\(verb.rawValue), \(isPipelined ? "pipelined" : "one by one")" }
  }

  private static let refusals = [
    Refusal(
      verb: .mail, isPipelined: false,
      script: """
        C: MAIL FROM:<ann@x.org>
        S: %
        """),
    Refusal(
      verb: .recipient, isPipelined: false,
      script: """
        C: MAIL FROM:<ann@x.org>
        S: 250 ok
        C: RCPT TO:<bob@y.org>
        S: %
        """),
    Refusal(
      verb: .data, isPipelined: false,
      script: """
        C: MAIL FROM:<ann@x.org>
        S: 250 ok
        C: RCPT TO:<bob@y.org>
        S: 250 ok
        C: DATA
        S: %
        """),
    Refusal(
      verb: .content, isPipelined: false,
      script: """
        C: MAIL FROM:<ann@x.org>
        S: 250 ok
        C: RCPT TO:<bob@y.org>
        S: 250 ok
        C: DATA
        S: 354 go
        C: Mail 1
        C: .
        S: %
        """),
    Refusal(
      verb: .mail, isPipelined: true,
      script: """
        C: MAIL FROM:<ann@x.org>
        C: RCPT TO:<bob@y.org>
        C: DATA
        S: %
        S: 503 MAIL first
        S: 503 RCPT first
        """),
    Refusal(
      verb: .recipient, isPipelined: true,
      script: """
        C: MAIL FROM:<ann@x.org>
        C: RCPT TO:<bob@y.org>
        C: DATA
        S: 250 ok
        S: %
        S: 554 no valid recipients
        """),
    Refusal(
      verb: .data, isPipelined: true,
      script: """
        C: MAIL FROM:<ann@x.org>
        C: RCPT TO:<bob@y.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: %
        """),
    Refusal(
      verb: .content, isPipelined: true,
      script: """
        C: MAIL FROM:<ann@x.org>
        C: RCPT TO:<bob@y.org>
        C: DATA
        S: 250 ok
        S: 250 ok
        S: 354 go
        C: Mail 1
        C: .
        S: %
        """),
  ]

  @Test(arguments: refusals)
  func `a transient refusal defers a mail`(_ refusal: Refusal) throws {
    var dialogue = try Dialogue(pipelined: refusal.isPipelined)
    dialogue.submit(1)
    try dialogue.play(refusal.script.replacing("%", with: "450 4.2.0 later"))
    #expect(dialogue.events == [.completed(id: 1, .deferred("450 4.2.0 later"))])
  }

  @Test(arguments: refusals)
  func `a permanent refusal fails a mail`(_ refusal: Refusal) throws {
    var dialogue = try Dialogue(pipelined: refusal.isPipelined)
    dialogue.submit(1)
    try dialogue.play(refusal.script.replacing("%", with: "550-5.1.1 no\nS: 550 never"))
    #expect(dialogue.events == [.completed(id: 1, .refused("550 5.1.1 no never"))])
  }

  @Test(arguments: refusals)
  func `after a refusal the next mail is sent, with RSET after a begun transaction`(
    _ refusal: Refusal
  ) throws {
    var dialogue = try Dialogue(pipelined: refusal.isPipelined)
    dialogue.submit(1)
    try dialogue.play(refusal.script.replacing("%", with: "550 no"))
    dialogue.submit(2)
    let group =
      refusal.isPipelined
      ? "C: MAIL FROM:<ann@x.org>\nC: RCPT TO:<bob@y.org>\nC: DATA" : "C: MAIL FROM:<ann@x.org>"
    let isBegun = [.recipient, .data].contains(refusal.verb)
    let reset = refusal.isPipelined ? "C: RSET\n" : "C: RSET\nS: 250 ok\n"
    try dialogue.play((isBegun ? reset : "") + group)
  }

  @Test func `RSET is sent with the next group`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    dialogue.submit(2)
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 ok
      S: 550 no
      S: 554 no valid recipients
      C: RSET
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 forgotten
      S: 250 ok
      S: 250 ok
      S: 354 go
      C: Mail 2
      C: .
      S: 250 queued
      """)
    #expect(dialogue.verdicts == [.refused("550 no"), .accepted("250 queued")])
  }

  @Test func `a transaction is reset once`() throws {
    var dialogue = try Dialogue(upTo: .reset, pipelined: false)
    try dialogue.answer("250 ok", "250 ok", "250 ok", "354 go", "250 queued")
    dialogue.submit(3)
    try dialogue.play("C: MAIL FROM:<ann@x.org>")
  }

  @Test func `nothing is reset before QUIT`() throws {
    var dialogue = try Dialogue(upTo: .recipient, pipelined: false)
    try dialogue.answer("550 no")
    dialogue.session.quit()
    try dialogue.play("C: QUIT")
  }

  @Test(arguments: ["250 queued", "554 no valid recipients", "451 later"])
  func `a server that accepts DATA without recipients gets only a dot`(_ reply: String) throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    try dialogue.play(
      """
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 ok
      S: 550 no such user
      S: 354 go
      C: .
      S: \(reply)
      """)
    #expect(dialogue.events == [.completed(id: 1, .refused("550 no such user"))])
  }

  @Test func `after only a dot the next mail is sent without RSET`() throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    dialogue.submit(2)
    try dialogue.answer("250 ok", "550 no")
    try dialogue.play(
      """
      S: 354 go
      C: .
      C: MAIL FROM:<ann@x.org>
      C: RCPT TO:<bob@y.org>
      C: DATA
      S: 250 queued
      """)
    #expect(dialogue.verdicts == [.refused("550 no")])
  }

  @Test(arguments: [
    (["450 later", "550 no", "554 no"], Session.Verdict.deferred("450 later")),
    (["550 no", "450 later", "451 later"], .refused("550 no")),
    (["250 ok", "450 later", "554 no"], .deferred("450 later")),
    (["250 ok", "550 no", "451 later"], .refused("550 no")),
    (["550 no", "250 ok", "554 no"], .refused("550 no")),
  ])
  func `the first refusal counts`(_ replies: [String], verdict: Session.Verdict) throws {
    var dialogue = try Dialogue(pipelined: true)
    dialogue.submit(1)
    for reply in replies { try dialogue.answer(reply) }
    #expect(dialogue.verdicts == [verdict])
  }
}
