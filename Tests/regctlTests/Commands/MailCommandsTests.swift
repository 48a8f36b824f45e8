import RegctlCore
import Testing

@testable import regctl

@Suite("RetryMail and CancelMail") struct MailCommandsTests {
  @Test(arguments: [
    ("retry-mail", UsageError.Fault.missingOperand("ID")),
    ("retry-mail x", .invalidValue(option: "ID", value: "x", expected: .number)),
    ("retry-mail 1 --all-failed", .unexpectedOperand("1")),
    ("cancel-mail", .missingOperand("ID")),
    ("show-mail 1 --with-token", .requires("--with-token", "--raw")),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  @Test func `a queued mail is cancelled, and made due again`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password -q")
    #expect(world.printed("cancel-mail 1") == "Mail 1 to ann@example.org is cancelled.\n")
    #expect(
      world.printed("retry-mail 1 --json") == """
        {"schema":1,"results":[{"mail":1,"result":"queued","email":"ann@example.org",\
        "error":null}]}

        """)
    #expect(world.printed("retry-mail --all-failed") == "0 mails are due now.\n")
  }

  @Test func `several mails have separate results`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password -q")
    #expect(
      world.printed("cancel-mail 1 9", endingWith: .refused)
        == "Mail 1 to ann@example.org is cancelled.\n")
    #expect(world.errorOutput.text.hasSuffix("regctl: error: cancel-mail: 1 of 2 failed\n"))
  }

  @Test func `a mail is shown with a line for each of its properties`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password -q")
    let printed = world.printed("show-mail 1")
    #expect(printed.hasPrefix("id                  1\nemail               ann@example.org\n"))
    #expect(world.printed("show-mail 1 --json").hasPrefix("{\"schema\":1,\"mail\":{\"id\":1,"))
  }
}
