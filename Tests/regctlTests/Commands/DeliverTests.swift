import RegctlCore
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
    for name in ["ann", "bob"] { world.run("register \(name)@example.org --no-password -q") }
    return world
  }

  @Test func `the text format shows the number of sent mails`() throws {
    let world = try world()
    #expect(
      world.printed("deliver --limit 1") == "Sent 1, failed 0. Next try 2026-11-23 09:00 UTC.\n")
    #expect(world.printed("deliver -q") == "")
    #expect(world.printed("deliver") == "")
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
}
