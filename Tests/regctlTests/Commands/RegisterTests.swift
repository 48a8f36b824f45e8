import RegctlCore
import SQL
import System
import Testing

@testable import regctl

@Suite("Register") struct RegisterTests {
  @Test(arguments: [
    ("register", UsageError.Fault.missingOperand("EMAIL")),
    ("register a@b.cd secret", .operandOrPassword(position: 2)),
    ("register a@b.cd --no-password --wait --no-mail", .conflict("--wait", "--no-mail")),
    ("register a@b.cd --invite --no-mail", .conflict("--invite", "--no-mail")),
    ("register a@b.cd --invite --password-file x", .conflict("--invite", "--password-file")),
    ("register a@b.cd --invite --generate-password", .conflict("--invite", "--generate-password")),
    (
      "register a@b.cd --invite --lang german",
      .invalidValue(
        option: "--lang", value: "german",
        expected: .format("must be a language tag such as de or pt-BR"))
    ),
    (
      "register a@b.cd --no-password --generate-password",
      .conflict("--generate-password", "--no-password")
    ),
    (
      "register a@b.cd --no-password --password-file x",
      .conflict("--password-file", "--no-password")
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `an account is registered with its mail`() throws {
    let world = try World()
    #expect(
      world.printed("register Ann@Example.org --no-password")
        == "Registered Ann@example.org; a confirmation mail is queued.\n")
    #expect(
      try world.rows(
        """
        SELECT email FROM users
        WHERE NOT confirmed AND password IN (SELECT hash FROM regctl_no_password)
        """) == ["Ann@example.org"])
    #expect(
      try world.rows("SELECT email || ' ' || template || ' ' || state FROM regctl_outbox")
        == ["Ann@example.org confirm queued"])
    #expect(
      try world.rows("SELECT email FROM regctl_audit WHERE act = 'register'") == ["Ann@example.org"]
    )
  }

  @Test func `a person is invited in a language`() throws {
    let world = try World(settings: "invite_url = https://app.example/invite/{token}")
    #expect(
      world.printed("register ann@example.org --invite --lang DE --wait")
        == "Registered ann@example.org; an invitation is sent.\n")
    let path = try #require(try FileSystem.firstFile(in: "\(world.directory)/Maildir/new"))
    let mail = String(decoding: try FileSystem.read(path, atMost: 1 << 20), as: UTF8.self)
    #expect(mail.contains("\nSubject: Ihr Konto bei app.example\n"))
    #expect(mail.contains("\nhttps://app.example/invite/"))
    #expect(try world.rows("SELECT language FROM regctl_languages") == ["de"])
  }

  @Test func `without invite_url no person is invited`() throws {
    let world = try World()
    #expect(world.run("register ann@example.org --invite") == .configuration)
    #expect(world.errorOutput.text.contains("invite_url"))
    #expect(try world.rows("SELECT email FROM users") == [])
  }

  @Test func `with --no-mail no mail is queued`() throws {
    let world = try World()
    #expect(
      world.printed("register bob@example.org --no-password --no-mail")
        == "Registered bob@example.org; no mail is queued.\n")
    #expect(try world.rows("SELECT id FROM regctl_outbox") == [])
  }

  @Test func `with --wait the mail is sent at once`() throws {
    let world = try World()
    #expect(
      world.printed("register ann@example.org --no-password --wait")
        == "Registered ann@example.org; a confirmation mail is sent.\n")
    #expect(try world.rows("SELECT state FROM regctl_outbox") == ["sent"])
    #expect(try FileSystem.names(in: "\(world.directory)/Maildir/new").count == 1)
  }

  @Test func `with --wait a mail that is not accepted stays queued, as does the account`() throws {
    let world = try World(settings: "mail_server = 127.0.0.1\nmail_security = none")
    // No server listens on this port.
    world.environment["REGCTL_MAIL_PORT"] = "1"
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    #expect(
      world.printed("register ann@example.org --no-password --wait", endingWith: .temporary)
        == "Registered ann@example.org; a confirmation mail is queued.\n")
    #expect(try world.rows("SELECT email FROM users") == ["ann@example.org"])
    #expect(try world.rows("SELECT state FROM regctl_outbox") == ["queued"])
  }

  @Test func `with --wait an unwritable Maildir is rejected before the account is created`()
    throws
  {
    let world = try World()
    // No directory can be made in the place of a file.
    try FileSystem.create("\(world.directory)/Maildir", content: [])
    _ = try world.refusal(
      of: "register ann@example.org --no-password --wait", endingWith: .unavailable)
  }

  @Test(arguments: [
    (
      "ann@example.org --no-password --json",
      """
      {"schema":1,"result":"registered","account":{"id":1,"email":"ann@example.org",\
      "admin":false,"confirmed":false,"locked":false,"registered_on":"2026-11-23T09:00:00Z",\
      "confirmed_on":null},"mail":{"id":1,"state":"queued"}}

      """
    ),
    (
      "ann@example.org --no-password --no-mail --json",
      """
      {"schema":1,"result":"registered","account":{"id":1,"email":"ann@example.org",\
      "admin":false,"confirmed":false,"locked":false,"registered_on":"2026-11-23T09:00:00Z",\
      "confirmed_on":null},"mail":null}

      """
    ),
    (
      "ann@example.org --no-password --wait --format tsv",
      """
      result\taccount.id\taccount.email\taccount.admin\taccount.confirmed\taccount.locked\t\
      account.registered_on\taccount.confirmed_on\tmail.id\tmail.state
      registered\t1\tann@example.org\tfalse\tfalse\tfalse\t2026-11-23T09:00:00Z\t\t1\tsent

      """
    ),
  ])
  func `JSON and TSV have the account and the mail`(_ words: String, text: String) throws {
    #expect(try World().printed("register \(words)") == text)
  }

  @Test func `a generated password is part of the object`() throws {
    let json = try World().printed("register ann@example.org --generate-password --json")
    #expect(
      json.wholeMatch(
        of: /\{"schema":1,"password":"[^"]{20}","result":"registered","account":\{.*\}\n/) != nil)
  }

  @Test(arguments: [
    ("x --no-password", ExitCode.data, "'x' is not a valid e-mail address: no @"),
    (
      "ANN@example.org --no-password", .refused,
      "ann@example.org is already registered and not confirmed"
    ),
    ("ANN@example.org --generate-password", .refused, "ann@example.org is already registered"),
    ("eve@example.org", .usage, "a password is needed"),
  ])
  func `an invalid registration is rejected`(
    _ words: String, exitCode: ExitCode, message: String
  ) throws {
    let world = try World()
    world.register("ann")
    #expect(
      try world.refusal(of: "register \(words)", endingWith: exitCode)
        .hasPrefix("regctl: error: register: \(message)"))
  }
}
