import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("ShowMail") struct ShowMailTests {
  @Test(arguments: [
    ("show-mail", UsageError.Fault.missingOperand("ID|EMAIL")),
    ("show-mail 1 2", .unexpectedOperand("2")),
    (
      "show-mail ann",
      .invalidValue(
        option: "ID|EMAIL", value: "ann",
        expected: .format("must be the id of a mail, or an address"))
    ),
    ("show-mail 1 --with-token", .requires("--with-token", "--raw")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a queued mail to Ann, and its Message-ID.
  private func world() throws -> (World, messageID: String) {
    let world = try World()
    world.register("ann", queuesMail: true)
    return (world, try #require(try world.rows("SELECT message_id FROM regctl_outbox").first))
  }

  @Test func `the text format has a line for each property`() throws {
    let (world, messageID) = try world()
    #expect(
      world.printed("show-mail 1") == """
        id                  1
        email               ann@example.org
        purpose             confirm
        state               queued
        attempts            0
        next_attempt_at     2026-11-23 09:00 UTC
        last_reply          -
        possible_duplicate  no
        message_id          \(messageID)
        queued_at           2026-11-23 09:00 UTC
        sent_at             -

        """)
  }

  @Test func `the address of an account means its newest mail`() throws {
    let (world, _) = try world()
    world.run("cancel-mail 1 -q")
    world.run("resend ann@example.org --force -q")
    #expect(
      world.printed("show-mail Ann@example.org --json").hasPrefix(
        "{\"schema\":1,\"mail\":{\"id\":2,"))
    world.register("bob")
    #expect(
      try world.refusal(of: "show-mail bob@example.org", endingWith: .noUser) == """
        regctl: error: show-mail: no mail to bob@example.org
        hint: regctl show bob@example.org

        """)
  }

  @Test func `JSON has the same in an object`() throws {
    let (world, messageID) = try world()
    world.run("deliver -q")
    #expect(
      world.printed("show-mail 1 --json") == """
        {"schema":1,"mail":{"id":1,"email":"ann@example.org","purpose":"confirm","state":"sent",\
        "attempts":1,"next_attempt_at":null,"last_reply":"delivered to \(world.directory)/Maildir",\
        "possible_duplicate":false,"message_id":"\(messageID)",\
        "queued_at":"2026-11-23T09:00:00Z","sent_at":"2026-11-23T09:00:00Z"}}

        """)
  }

  @Test func `the mail itself is shown with a masked token, and nothing is recorded`() throws {
    let (world, messageID) = try world()
    let audit = try world.rows("SELECT act FROM regctl_audit")
    let text = world.printed("show-mail 1 --raw")
    #expect(
      text.hasPrefix(
        """
        Date: Mon, 23 Nov 2026 09:00:00 +0000
        From: accounts@app.example
        To: ann@example.org
        Subject: Confirm your e-mail address for app.example
        Message-ID: <\(messageID)>

        """))
    #expect(text.contains("\nhttps://app.example/confirm/[token]\n"))
    #expect(try world.rows("SELECT act FROM regctl_audit") == audit)
  }

  @Test func `with --with-token the link is valid, and recorded`() throws {
    let (world, _) = try world()
    // A line that ends in an equals sign continues on the next one (RFC 2045, section 6.7).
    let text = world.printed("show-mail 1 --raw --with-token").replacing("=\n", with: "")
    let link = try #require(
      text.split(separator: "\n").first { $0.hasPrefix("https://app.example/confirm/") })
    #expect(
      try world.rows("SELECT email FROM regctl_audit WHERE act = 'issue-token'")
        == ["ann@example.org"])
    #expect(world.printed("confirm \(link)") == "Confirmed ann@example.org.\n")
  }

  @Test func `an unknown mail is rejected`() throws {
    let (world, _) = try world()
    #expect(
      try world.refusal(of: "show-mail 2 --raw", endingWith: .noUser)
        == "regctl: error: show-mail: no such mail: '2'\nhint: regctl list-outbox\n")
  }
}
