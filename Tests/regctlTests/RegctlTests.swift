import Glibc
import RegctlCore
import TestSupport
import Testing

@testable import regctl

@Suite("Regctl") struct RegctlTests {
  @Test func `the version is three numbers`() {
    #expect(Regctl.version.wholeMatch(of: /\d+\.\d+\.\d+/) != nil)
  }

  @Test func `an expired token shows when it expired`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    world.run("issue-token ann@example.org")
    let token = world.output.text.dropLast()
    world.now = world.now + .seconds(3600 + 2 * 86_400)
    #expect(world.run("confirm \(token)") == .refused)
    #expect(
      world.errorOutput.text.hasSuffix(
        """
        regctl: error: confirm: the token expired 2 days ago (2026-11-23 10:00 UTC)
        hint: regctl resend ann@example.org

        """))
  }

  @Test(arguments: [(3600, ExitCode.ok), (3601, .refused), (0, .ok), (-1, .refused)])
  func `a token lives for token_max_age, to the second`(_ age: Int, exitCode: ExitCode) throws {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    world.now = world.now + .seconds(10)
    world.run("issue-token ann@example.org")
    let token = world.output.text.dropLast()
    world.now = world.now + .seconds(age)
    #expect(world.run("confirm \(token)") == exitCode)
  }

  @Test func `a mail requested too soon can be requested later`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password -q")
    world.now = world.now + .seconds(119)
    #expect(world.run("resend ann@example.org") == .refused)
    #expect(world.errorOutput.text.contains("wait another 1 second\n"))
    world.now = world.now + .seconds(1)
    #expect(world.run("resend ann@example.org") == .ok)
  }

  @Test func `--revoke-previous revokes earlier links and not the next one`()
    throws
  {
    let world = try World()
    world.run("register ann@example.org --no-password --no-mail -q")
    world.run("issue-token ann@example.org")
    #expect(world.run("resend ann@example.org --revoke-previous -q") == .ok)
    world.run("issue-token ann@example.org")
    let tokens = world.output.text.split(separator: "\n")
    world.now = world.now + .seconds(1)
    #expect(world.run("confirm \(tokens[0])") == .refused)
    #expect(world.run("confirm \(tokens[1])") == .ok)
  }

  @Test func `next steps are shown only on a terminal`() throws {
    let world = try World()
    world.run("register ann@example.org --no-password")
    #expect(!world.errorOutput.text.contains("next:"))
    world.errorIsTerminal = true
    world.run("register bob@example.org --no-password")
    #expect(world.errorOutput.text.hasSuffix("next: regctl deliver\n"))
  }

  @Test func `an error names the command that was meant`() throws {
    let world = try World(hasDatabase: false)
    #expect(world.run("show-mail --limit 1") == .usage)
    #expect(
      world.errorOutput.text.hasPrefix("regctl: error: show-mail: unknown option '--limit'\n"))
  }

  @Test(.only(.sqlite, "a file is damaged"), arguments: ["-qv", "-v -q", "--verbose"])
  func `an error shows its detail with -v in a cluster`(_ options: String) throws {
    let world = try World()
    let database = open("\(world.directory)/regctl.db", O_WRONLY)
    pwrite(database, [UInt8](repeating: 0xff, count: 3000), 3000, 100)
    close(database)
    #expect(world.run("list-admins -q") == .inputOutput)
    #expect(!world.errorOutput.text.contains("malformed"))
    #expect(world.run("list-admins \(options)") == .inputOutput)
    #expect(
      world.errorOutput.text.contains(
        "the database is damaged (database disk image is malformed)\n"))
  }

  @Test func `the value of an option does not choose the format of an error`() throws {
    let world = try World()
    #expect(world.run("list-admins x --db --json") == .usage)
    #expect(
      world.errorOutput.text.hasPrefix("regctl: error: list-admins: unexpected operand 'x'\n"))
  }

  @Test(arguments: ["deliver --timeout 0s", "deliver --timeout never"])
  func `a time limit of zero is rejected with the expected value`(_ line: String) throws {
    let world = try World()
    #expect(world.run(line) == .usage)
    #expect(world.errorOutput.text.contains("must be at least 1s"))
  }

  @Test(arguments: [
    "__complete", "__complete emails --db /nonexistent", "__complete fields.no-such",
    "__complete --no-such", "-d /nonexistent __complete emails a b c",
  ])
  func `completion is silent about errors`(_ line: String) throws {
    let world = try World()
    #expect(world.run(line) == .ok)
    #expect(world.errorOutput.text.isEmpty)
  }

  @Test func `the journal gets the severity of each line`() throws {
    let world = try World()
    world.errorIsJournal = true
    #expect(world.run("show ann@example.org") == .noUser)
    #expect(
      world.errorOutput.text == "<3>regctl: error: show: no such account: 'ann@example.org'\n")
    _ = world.run("register ann@example.org --no-password")
    #expect(world.run("resend ann@example.org") == .refused)
    let lines = world.errorOutput.text.split(separator: "\n")
    #expect(lines.count > 1)
    #expect(lines.allSatisfy { $0.hasPrefix("<3>") })
  }

  @Test func `a temporary failure is not an error in the journal`() {
    #expect(Diagnostic(.dbBusy, .temporary, "locked").severity == .warning)
    #expect(Diagnostic(.dbFull, .inputOutput, "full").severity == .error)
  }
}
