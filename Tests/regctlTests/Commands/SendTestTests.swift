import RegctlCore
import System
import Testing

@testable import regctl

@Suite("SendTest") struct SendTestTests {
  @Test(arguments: [
    ("send-test", UsageError.Fault.missingOperand("EMAIL")),
    ("send-test a@b.cd e@f.gh", .unexpectedOperand("e@f.gh")),
    (
      "send-test a@b.cd --fields steps",
      .invalidValue(
        option: "--fields", value: "steps",
        expected: .fields(["step", "detail"], suggestion: "step"))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `a mail is sent without a database`() throws {
    let world = try World(hasDatabase: false)
    let maildir = "\(world.directory)/Maildir"
    #expect(
      world.printed("send-test ann@example.org") == "accepted: delivered to \(maildir)\n")
    let path = try #require(try FileSystem.firstFile(in: "\(maildir)/new"))
    let mail = String(decoding: try FileSystem.read(path, atMost: 1 << 20), as: UTF8.self)
    #expect(mail.contains("\nTo: ann@example.org\n"))
    #expect(try !world.exists("regctl.db"))
  }

  @Test func `a redirected test mail names the address that it is for`() throws {
    let world = try World(
      hasDatabase: false, settings: "mail_redirect_all = tester@app.example")
    #expect(world.run("send-test ann@example.org") == .ok)
    let path = try #require(try FileSystem.firstFile(in: "\(world.directory)/Maildir/new"))
    let mail = String(decoding: try FileSystem.read(path, atMost: 1 << 20), as: UTF8.self)
    #expect(mail.contains("\nTo: tester@app.example\nX-Regctl-Original-To: ann@example.org\n"))
  }

  @Test(arguments: ["json", "tsv"])
  func `JSON and TSV have each step`(_ format: String) throws {
    let world = try World(hasDatabase: false)
    let detail = "accepted: delivered to \(world.directory)/Maildir"
    #expect(
      world.printed("send-test ann@example.org --format \(format)")
        == (format == "json"
          ? """
          {"schema":1,"to":"ann@example.org","steps":[{"step":"accepted","detail":"\(detail)"}]}

          """
          : "step\tdetail\naccepted\t\(detail)\n"))
  }

  @Test func `the outbox is not changed`() throws {
    let world = try World()
    let before = try world.content()
    #expect(world.run("send-test ann@example.org -q") == .ok)
    #expect(try world.content() == before)
  }

  @Test func `an unreachable server ends the steps with an error`() throws {
    let world = try World(
      hasDatabase: false, settings: "mail_server = 127.0.0.1\nmail_security = none")
    // No server listens on this port.
    world.environment["REGCTL_MAIL_PORT"] = "1"
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    let steps = world.printed(
      "send-test ann@example.org --format tsv --fields step", endingWith: .unavailable)
    #expect(steps.hasPrefix("step\n"))
    #expect(world.errorOutput.text.hasPrefix("regctl: error: send-test: "))
  }

  @Test func `an invalid address is rejected before anything is sent`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.printed("send-test x", endingWith: .data) == "")
    #expect(
      world.errorOutput.text
        == "regctl: error: send-test: 'x' is not a valid e-mail address: no @\n")
    #expect(try !world.exists("Maildir"))
  }

  @Test func `without a mail server nothing can be sent`() throws {
    let world = try World(hasDatabase: false)
    world.environment["REGCTL_MAIL_TRANSPORT"] = "smtp"
    #expect(world.printed("send-test ann@example.org", endingWith: .configuration) == "")
    #expect(world.errorOutput.text.contains("mail_server"))
  }
}
