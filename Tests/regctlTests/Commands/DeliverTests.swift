import RegctlCore
import SQL
import System
import Testing

@testable import regctl

@Suite("Deliver") struct DeliverTests {
  @Test(arguments: [
    ("deliver x", UsageError.Fault.unexpectedOperand("x")),
    ("deliver --limit 0", .invalidValue(option: "--limit", value: "0", expected: .number)),
    (
      "deliver --timeout never",
      .invalidValue(option: "--timeout", value: "never", expected: .timeLimit)
    ),
    ("deliver --fields id", .unknownOption("--fields", suggestion: nil)),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with queued mails to Ann and Bob.
  private func world(settings: String = "") throws -> World {
    let world = try World(settings: settings)
    world.register("ann", "bob", queuesMail: true)
    return world
  }

  @Test func `the text format shows the number of sent mails`() throws {
    let world = try world()
    #expect(
      world.printed("deliver --limit 1") == "Sent 1, failed 0. Next try 2026-11-23 09:00 UTC.\n")
    #expect(world.printed("deliver -q") == "")
    #expect(world.printed("deliver") == "")
  }

  @Test(arguments: ["deliver", "deliver --dry-run"])
  func `a terminal is told that mail is redirected`(_ line: String) throws {
    let world = try world(settings: "mail_redirect_all = tester@app.example")
    world.errorIsTerminal = true
    world.run(line)
    #expect(
      world.errorOutput.text.contains(
        "regctl: warning: mail_redirect_all sends every mail to tester@app.example\n"))
  }

  @Test(arguments: [("deliver", false), ("deliver -q", true)])
  func `a cron job is not told that mail is redirected`(
    _ line: String, isTerminal: Bool
  ) throws {
    let world = try world(settings: "mail_redirect_all = tester@app.example")
    world.errorIsTerminal = isTerminal
    world.run(line)
    #expect(!world.errorOutput.text.contains("mail_redirect_all"))
  }

  @Test func `other formats show every mail`() throws {
    let world = try world()
    let reply = "delivered to \(world.directory)/Maildir"
    #expect(
      world.printed("deliver --json --limit 1") == """
        {"schema":1,"sent":1,"deferred":0,"failed":0,"cancelled":0,"expired":0,"results":[\
        {"id":1,"email":"ann@example.org","state":"sent","reply":"\(reply)"}]}

        """)
    #expect(
      world.printed("deliver --format tsv")
        == "id\temail\tstate\treply\n2\tbob@example.org\tsent\t\(reply)\n")
  }

  @Test func `with mails on standard output, the summary goes to standard error`() throws {
    let world = try world()
    world.environment["REGCTL_MAIL_TRANSPORT"] = "stdout"
    #expect(world.printed("deliver").contains("Sent 2") == false)
    #expect(world.errorOutput.text == "regctl: Sent 2, failed 0.\n")
    #expect(world.run("deliver --json") == .usage)
  }

  @Test(arguments: [
    (
      "",
      """
      ID  EMAIL            PURPOSE  RESULT     REASON
       1  ann@example.org  confirm  cancelled  the account was confirmed
       2  bob@example.org  confirm  sent       -

      """
    ),
    (
      "--format tsv --limit 1",
      """
      id\temail\tpurpose\tresult\treason
      1\tann@example.org\tconfirm\tcancelled\tthe account was confirmed

      """
    ),
    (
      "--json",
      """
      {"schema":1,"dry_run":true,"results":[{"id":1,"email":"ann@example.org",\
      "purpose":"confirm","result":"cancelled","reason":"the account was confirmed"},\
      {"id":2,"email":"bob@example.org","purpose":"confirm","result":"sent","reason":null}],\
      "count":2}

      """
    ),
  ])
  func `a dry run reports the results and sends nothing`(
    _ options: String, text: String
  ) throws {
    let world = try world()
    try world.execute("UPDATE users SET confirmed = TRUE WHERE id = 1")
    let before = try world.content()
    #expect(world.printed("deliver --dry-run \(options)") == text)
    #expect(try world.content() == before)
    #expect(try !world.exists("Maildir"))
  }

  @Test func `a mail of an account that was confirmed meanwhile is cancelled`() throws {
    let world = try world()
    world.run("confirm --email ann@example.org --reason called -q")
    #expect(world.run("deliver -q") == .ok)
    #expect(
      try world.rows("SELECT state FROM regctl_outbox ORDER BY id") == ["cancelled", "sent"])
    #expect(try FileSystem.names(in: "\(world.directory)/Maildir/new").count == 1)
  }

  @Test func `an unreachable server keeps every mail queued and counts no attempt`() throws {
    let world = try world(settings: "mail_server = 127.0.0.1\nmail_security = none")
    // No server listens on this port.
    world.environment["REGCTL_MAIL_PORT"] = "1"
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    #expect(world.printed("deliver", endingWith: .unavailable) == "")
    #expect(
      try world.rows("SELECT state || ' ' || attempts FROM regctl_outbox")
        == ["queued 0", "queued 0"])
  }
}
