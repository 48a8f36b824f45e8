import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Status") struct StatusTests {
  @Test func `an operand is rejected`() throws {
    #expect(try fault(of: "status x") == .unexpectedOperand("x"))
  }

  /// A world with mails in several states, eleven minutes after they were due.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", "bob", "eva", queuesMail: true)
    world.run("deliver --limit 1 -q")
    world.run("confirm --email ann@example.org --reason called -q")
    world.run("lock @spam.example --reason spam -q --yes")
    try world.execute(
      "UPDATE regctl_outbox SET state = 'failed', last_reply = '550 no' WHERE id = 3")
    world.now = world.now + .seconds(660)
    return world
  }

  @Test func `everything is on one screen`() throws {
    let world = try world()
    #expect(
      world.printed("status") == """
        accounts       3, of which 2 not confirmed, 1 domain locked
        outbox         1 queued, 0 deferred, 1 due since 2026-11-23 09:00 UTC
        mails          1 sent, 1 failed, 0 bounced, 0 expired, 0 cancelled
        last sent      2026-11-23 09:00 UTC, 11 minutes ago
        last delivery  2026-11-23 09:00 UTC, 11 minutes ago
        last prune     never
        attention      1 mail has been due for 11 minutes: regctl deliver
                       1 mail of the last 7 days was refused: \
        regctl list-outbox --state failed --since 7d

        """)
    #expect(world.errorOutput.text == "")
  }

  @Test func `redirected mail needs attention`() throws {
    let world = try World(settings: "mail_redirect_all = tester@app.example")
    #expect(
      world.printed("status").hasSuffix(
        """
        attention      mail_redirect_all sends every mail to tester@app.example: regctl config

        """))
  }

  @Test func `on a narrow terminal a command is on a line of its own`() throws {
    let world = try world()
    world.outputIsTerminal = true
    world.terminalSize = (40, 24)
    let text = world.printed("status")
    #expect(text.contains("\nregctl deliver\n"))
    #expect(text.split(separator: "\n").allSatisfy { $0.count <= 40 })
  }

  @Test func `the object has every number, and what needs attention`() throws {
    #expect(
      try world().printed("status --json") == """
        {"schema":1,"accounts":{"all":3,"unconfirmed":2,"locked":0,"locked_domains":1},\
        "mails":{"due":1,"deferred":0,"next_attempt_at":"2026-11-23T09:00:00Z","queued":1,\
        "held":0,"sending":0,"sent":1,"failed":1,"bounced":0,"cancelled":0,"expired":0},\
        "last_sent_at":"2026-11-23T09:00:00Z","last_delivery_at":"2026-11-23T09:00:00Z",\
        "last_prune":null,"attention":[{"code":"mails_waiting",\
        "message":"1 mail has been due for 11 minutes","command":"regctl deliver"},\
        {"code":"mails_failed","message":"1 mail of the last 7 days was refused",\
        "command":"regctl list-outbox --state failed --since 7d"}]}

        """)
  }

  @Test func `nothing needs attention in an empty database`() throws {
    let world = try World()
    #expect(world.printed("status").hasSuffix("\nattention      nothing needs it\n"))
    #expect(world.printed("status --json").hasSuffix("\"last_prune\":null,\"attention\":[]}\n"))
    #expect(
      world.printed("status --format tsv --no-pager").hasPrefix(
        "accounts.all\taccounts.unconfirmed"))
  }
}
