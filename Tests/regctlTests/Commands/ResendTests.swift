import RegctlCore
import SQL
import Testing

@testable import regctl

@Suite("Resend") struct ResendTests {
  @Test(arguments: [
    ("resend", UsageError.Fault.missingOperand("EMAIL")),
    ("resend a@b.cd --yes", .requires("--yes", "--all-unconfirmed")),
    ("resend a@b.cd --older-than 1d", .requires("--older-than", "--all-unconfirmed")),
    ("resend a@b.cd --campaign x", .requires("--campaign", "--all-unconfirmed")),
    ("resend --all-unconfirmed --wait", .conflict("--wait", "--all-unconfirmed")),
    (
      "resend a@b.cd --template remind",
      .invalidValue(
        option: "--template", value: "remind",
        expected: .choice(["confirm", "reminder"], suggestion: "reminder"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which Ann is unconfirmed without a mail, and a mail to Bob is queued.
  private func world() throws -> World {
    let world = try World()
    world.register("ann")
    world.register("bob", queuesMail: true)
    return world
  }

  @Test func `a mail is queued, unless one is queued already`() throws {
    let world = try world()
    #expect(
      world.printed("resend ann@example.org")
        == "A confirmation mail to ann@example.org is queued.\n")
    #expect(
      try world.rows(
        "SELECT email || ' ' || template || ' ' || state FROM regctl_outbox ORDER BY id")
        == ["bob@example.org confirm queued", "ann@example.org confirm queued"])
    #expect(
      try world.rows("SELECT email FROM regctl_audit WHERE act = 'resend'")
        == ["ann@example.org"])
    world.run("resend bob@example.org -q")
    #expect(try world.rows("SELECT count(*) FROM regctl_outbox") == ["2"])
  }

  @Test(arguments: [
    ("tsv", "email\tresult\tmail\terror\nann@example.org\tqueued\t2\t\n"),
    (
      "json",
      """
      {"schema":1,"results":[{"email":"ann@example.org","result":"queued","mail":2,\
      "error":null}]}

      """
    ),
  ])
  func `JSON and TSV have the mail of each account`(_ format: String, text: String) throws {
    let world = try world()
    #expect(world.printed("resend ann@example.org --format \(format)") == text)
  }

  @Test func `a reminder is queued`() throws {
    let world = try world()
    #expect(
      world.printed("resend ann@example.org --template reminder")
        == "A reminder to ann@example.org is queued.\n")
    #expect(try world.rows("SELECT template FROM regctl_outbox WHERE id = 2") == ["reminder"])
  }

  @Test(arguments: ["resend ann@example.org", "resend --all-unconfirmed --yes"])
  func `no reminder says what will not happen`(_ line: String) throws {
    let world = try world()
    world.environment["REGCTL_PRUNE_AFTER"] = "never"
    #expect(world.run("\(line) --template reminder") == .usage)
    #expect(world.errorOutput.text.contains("prune_after is never"))
    #expect(try world.rows("SELECT count(*) FROM regctl_outbox") == ["1"])
  }

  @Test func `with --wait this mail is sent at once, and no other`() throws {
    let world = try world()
    #expect(
      world.printed("resend ann@example.org --wait")
        == "A confirmation mail to ann@example.org is sent.\n")
    #expect(
      try world.rows("SELECT email || ' ' || state FROM regctl_outbox ORDER BY id")
        == ["bob@example.org queued", "ann@example.org sent"])
    #expect(
      world.printed("resend bob@example.org --force --wait --json") == """
        {"schema":1,"results":[{"email":"bob@example.org","result":"sent","mail":1,"error":null}]}

        """)
  }

  @Test func `with --wait a mail that is not accepted stays queued, and an error says so`() throws {
    let world = try world()
    // No server listens on this port.
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    world.environment["REGCTL_MAIL_SERVER"] = "127.0.0.1"
    world.environment["REGCTL_MAIL_SECURITY"] = "none"
    world.environment["REGCTL_MAIL_PORT"] = "1"
    #expect(
      world.printed("resend ann@example.org --wait", endingWith: .temporary)
        == "A confirmation mail to ann@example.org is queued.\n")
    #expect(world.errorOutput.text.contains("regctl: error: resend: the mail was not accepted: "))
    #expect(
      world.printed("resend ann@example.org eve@example.org --force --wait", endingWith: .refused)
        == "A confirmation mail to ann@example.org is queued.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: resend: 1 of 2 failed\n"))
  }

  @Test func `with --wait a mail for standard output is printed there, and nothing else`() throws {
    let world = try world()
    world.environment["REGCTL_MAIL_TRANSPORT"] = "stdout"
    let printed = world.printed("resend ann@example.org --wait")
    #expect(printed.contains("\nTo: ann@example.org"))
    #expect(!printed.contains("A confirmation mail to"))
    #expect(world.run("resend ann@example.org --force --wait --json") == .usage)
  }

  @Test func `a confirmed account needs no link`() throws {
    let world = try world()
    world.run("confirm --email ann@example.org --reason called -q")
    #expect(
      world.printed("resend ann@example.org --force")
        == "ann@example.org is already confirmed; no mail was queued.\n")
    #expect(try world.rows("SELECT email FROM regctl_outbox") == ["bob@example.org"])
  }

  @Test func `several accounts have separate results`() throws {
    let world = try world()
    #expect(
      world.printed("resend ann@example.org eve@example.org", endingWith: .refused)
        == "A confirmation mail to ann@example.org is queued.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: resend: 1 of 2 failed\n"))
  }
}
