import RegctlCore
import SQL
import System
import TestSupport
import Testing

@testable import regctl

@Suite("Bounce") struct BounceTests {
  @Test(arguments: [
    ("bounce a b", UsageError.Fault.unexpectedOperand("b")),
    ("bounce a --maildir b", .unexpectedOperand("a")),
    ("bounce --maildir b --strict", .conflict("--strict", "--maildir")),
    ("bounce --maildir", .missingValue(option: "--maildir", value: "DIR")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world with a mail that was sent to Ann.
  private func world() throws -> World {
    let world = try World()
    world.register("ann", queuesMail: true)
    world.run("deliver -q")
    return world
  }

  /// A report about that mail.
  private func report(in world: World, _ status: String = "5.1.1") throws -> [UInt8] {
    var report = DeliveryReport()
    report.envelopeID =
      try world.rows(
        "SELECT id || '.' || substr(message_id, 1, 35) FROM regctl_outbox"
      ).first ?? nil
    report.status = status
    return report.bytes
  }

  private func write(_ bytes: [UInt8], as name: String, in world: World) throws -> String {
    let path = "\(world.directory)/\(name)"
    try FileSystem.create(path, content: bytes)
    return path
  }

  private func states(in world: World) throws -> [String] {
    try world.rows("SELECT state FROM regctl_outbox")
  }

  @Test(arguments: ["bounce", "bounce -"])
  func `a report on standard input is recorded in silence`(_ line: String) throws {
    let world = try world()
    world.input = TypedInput(try report(in: world))
    #expect(world.printed(line) == "")
    #expect(world.errorOutput.text == "")
    #expect(try states(in: world) == ["bounced"])
  }

  @Test(arguments: [
    (
      "5.1.1",
      "Mail 1 to ann@example.org bounced; the address gets no further mail.\n"
    ), ("5.2.2", "Mail 1 to ann@example.org bounced.\n"),
    ("4.4.1", "Mail 1 to ann@example.org is delayed.\n"),
    (
      "5.7.1",
      "Mail 1 to ann@example.org was refused for a fault of the sender; see regctl doctor.\n"
    ),
  ])
  func `a file is answered with what it says`(_ status: String, expected: String) throws {
    let world = try world()
    let path = try write(report(in: world, status), as: "report", in: world)
    #expect(world.printed("bounce \(path)") == expected)
    #expect(world.printed("bounce -q \(path)") == "")
    #expect(
      world.printed("bounce \(path)") == "Mail 1 to ann@example.org was reported already.\n")
  }

  @Test func `an object says what was recorded`() throws {
    let world = try world()
    world.input = TypedInput(try report(in: world))
    #expect(
      world.printed("bounce --json") == """
        {"schema":1,"results":[{"file":null,"result":"bounced","mail":1,"email":"ann@example.org",\
        "status":"5.1.1","reply":"550 5.1.1 no such user","suppressed":true,"error":null}]}

        """)
  }

  @Test func `other mail is left alone, and refused only on request`() throws {
    let world = try world()
    let mail = try write(Array("Subject: hi\n\nhi\n".utf8), as: "mail", in: world)
    #expect(
      world.printed("bounce \(mail)") == "\(mail) is not a delivery status notification.\n")
    #expect(
      try world.refusal(of: "bounce --strict -q \(mail)", endingWith: .data)
        .contains("not a delivery status notification"))
    var foreign = DeliveryReport()
    foreign.finalRecipient = "eve@example.org"
    let path = try write(foreign.bytes, as: "foreign", in: world)
    #expect(world.printed("bounce \(path)") == "\(path) is not about a mail that regctl sent.\n")
    #expect(
      try world.refusal(of: "bounce --strict -q \(path)", endingWith: .data)
        .contains("not about a mail that regctl sent"))
  }

  @Test func `mail that is no report needs no database`() throws {
    let world = try World(hasDatabase: false)
    world.input = TypedInput(Array("Subject: hi\n\nhi\n".utf8))
    #expect(world.printed("bounce") == "")
    world.input = TypedInput(DeliveryReport().bytes)
    // An empty database on a server lacks the tables.
    let expected = TestEngine.choose(sqlite: ExitCode.noInput, postgresql: .inputOutput)
    #expect(world.run("bounce") == expected)
  }

  @Test func `a missing file is no input`() throws {
    _ = try World().refusal(of: "bounce /nowhere/report", endingWith: .noInput)
  }

  @Test func `lists of accounts tell that mail to an address bounced`() throws {
    let world = try world()
    let lists = [
      "list-accounts --format tsv --no-header --fields email,bounced",
      "list-unconfirmed --format tsv --no-header --fields email,bounced",
    ]
    for list in lists { #expect(world.printed(list) == "ann@example.org\tfalse\n") }
    world.input = TypedInput(try report(in: world))
    #expect(world.printed("bounce") == "")
    for list in lists { #expect(world.printed(list) == "ann@example.org\ttrue\n") }
  }

  @Test func `a Maildir is read, and only what is recorded leaves new`() throws {
    let world = try world()
    let maildir = "\(world.directory)/bounces"
    for name in ["new", "cur", "tmp"] { try FileSystem.makeDirectories("\(maildir)/\(name)") }
    _ = try write(report(in: world), as: "bounces/new/1.a", in: world)
    _ = try write(Array("Subject: hi\n\nhi\n".utf8), as: "bounces/new/2.b", in: world)
    try FileSystem.makeDirectories("\(maildir)/new/3.c")
    _ = try write(report(in: world), as: "bounces/new/4.d", in: world)
    #expect(world.printed("bounce -q --maildir \(maildir)", endingWith: .refused) == "")
    #expect(world.errorOutput.text.contains("new/3.c"))
    #expect(try FileSystem.names(in: "\(maildir)/new").sorted() == ["2.b", "3.c"])
    #expect(try FileSystem.names(in: "\(maildir)/cur").sorted() == ["1.a:2,S", "4.d:2,S"])
    #expect(try states(in: world) == ["bounced"])
  }

  @Test func `a directory without new and cur is refused`() throws {
    let world = try World()
    _ = try world.refusal(of: "bounce --maildir \(world.directory)", endingWith: .noInput)
    #expect(try !FileSystem.names(in: world.directory).contains("new"))
  }

  @Test func `the account and its mail say that it bounced`() throws {
    let world = try world()
    world.input = TypedInput(try report(in: world))
    world.run("bounce")
    world.now = world.now + .seconds(600)
    #expect(
      try world.refusal(of: "resend ann@example.org", endingWith: .refused)
        .contains("mail to ann@example.org was not delivered on 2026-11-23 09:00 UTC"))
    let text = world.printed("show ann@example.org")
    #expect(text.contains("mail 1 bounced"))
    #expect(text.contains("check the address with its owner, then regctl change-email"))
    #expect(world.printed("list-accounts --state bounced --count") == "1\n")
    #expect(world.printed("list-outbox --state bounced --count") == "1\n")
    #expect(
      world.printed("report stuck --format tsv --no-header --fields problem") == "bounced\n")
    #expect(
      world.printed("list-accounts --format tsv --no-header --fields email,bounced")
        == "ann@example.org\ttrue\n")
  }
}
