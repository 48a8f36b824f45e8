import RegctlCore
import Testing

@testable import regctl

@Suite("ListPrunes") struct ListPrunesTests {
  @Test(arguments: [
    ("list-prunes 1 2", UsageError.Fault.unexpectedOperand("2")),
    ("list-prunes one", .invalidValue(option: "RUN", value: "one", expected: .number)),
    (
      "list-prunes 1 --fields cutoff",
      .invalidValue(
        option: "--fields", value: "cutoff",
        expected: .fields(["email", "registered_on", "id"], suggestion: nil))
    ),
    (
      "list-prunes --fields email",
      .invalidValue(
        option: "--fields", value: "email",
        expected: .fields(
          ["run", "at", "by", "cutoff", "pruned", "restored"], suggestion: nil))
    ),
    (
      "list-prunes --fields runs",
      .invalidValue(
        option: "--fields", value: "runs",
        expected: .fields(
          ["run", "at", "by", "cutoff", "pruned", "restored"], suggestion: "run"))
    ),
    (
      "list-prunes 1 --fields run",
      .invalidValue(
        option: "--fields", value: "run",
        expected: .fields(["email", "registered_on", "id"], suggestion: nil))
    ),
  ])
  func `an invalid command line is rejected`(_ line: String, expected: UsageError.Fault) throws {
    #expect(try fault(of: line) == expected)
  }

  /// A world in which run 1 pruned Ann and Bob, Ann was restored, and run 2 pruned her again.
  private func world() throws -> World {
    let world = try World.withStaleAccounts()
    let prune = "prune --include-never-mailed --max 9 --yes -q"
    #expect(world.run(prune) == .ok)
    #expect(world.run("unprune 1 --email ann@example.org -q") == .ok)
    world.now = world.now + .seconds(60 * 86_400)
    #expect(world.run(prune) == .ok)
    return world
  }

  @Test(arguments: [
    (
      "",
      """
      RUN  AT                    BY      CUTOFF                PRUNED  RESTORED
        2  2027-03-23 09:00 UTC  tester  2027-03-09 09:00 UTC       1         0
        1  2027-01-22 09:00 UTC  tester  2027-01-08 09:00 UTC       2         1

      """
    ),
    (
      "--format tsv --fields run,at,restored",
      "run\tat\trestored\n2\t2027-03-23T09:00:00Z\t0\n1\t2027-01-22T09:00:00Z\t1\n"
    ),
    (
      "--json",
      """
      {"schema":1,"prunes":[{"run":2,"at":"2027-03-23T09:00:00Z","by":"tester",\
      "cutoff":"2027-03-09T09:00:00Z","pruned":1,"restored":0},{"run":1,\
      "at":"2027-01-22T09:00:00Z","by":"tester","cutoff":"2027-01-08T09:00:00Z","pruned":2,\
      "restored":1}],"count":2}

      """
    ),
  ])
  func `runs are listed, newest first`(_ options: String, text: String) throws {
    #expect(try world().printed("list-prunes \(options)") == text)
  }

  @Test func `the accounts of a run are those that the archive has`() throws {
    let world = try world()
    #expect(
      world.printed("list-prunes 1") == """
        EMAIL            REGISTERED_ON         ID
        bob@example.org  2026-01-02 00:00 UTC   2

        """)
    #expect(
      world.printed("list-prunes 2 --json") == """
        {"schema":1,"run":2,"accounts":[{"email":"ann@example.org",\
        "registered_on":"2026-01-01T00:00:00Z","id":1}],"count":1}

        """)
    #expect(world.printed("list-prunes 1 --format tsv --no-header --fields id") == "2\n")
  }

  @Test func `a run that does not exist is not found`() throws {
    let message = try world().refusal(of: "list-prunes 3", endingWith: .noUser)
    #expect(message.hasSuffix("hint: regctl list-prunes\n"))
  }

  @Test func `no runs print nothing, and in JSON an empty list`() throws {
    let world = try World()
    #expect(world.printed("list-prunes") == "")
    #expect(world.printed("list-prunes --json") == "{\"schema\":1,\"prunes\":[],\"count\":0}\n")
  }

  @Test(arguments: [
    ("--since 2027-02-01", "2\n"), ("--until 2027-01-22", "1\n"), ("--until never", ""),
    ("--limit 1", "2\n"), ("--newest", "2\n1\n"), ("--domain EXAMPLE.org", "2\n1\n"),
    ("--domain example.net", ""), ("--email Ann@example.org", "2\n"), ("--email 2", "1\n"),
    ("--email bob@example.org --email 1 --limit 1", "2\n"),
    ("--email bob@example.org --since 2027-02-01", ""),
  ])
  func `runs are selected by their time and by what they took`(
    _ options: String, text: String
  ) throws {
    let world = try world()
    #expect(
      world.printed("list-prunes \(options) --format tsv --no-header --fields run") == text)
    let count = text.split(separator: "\n").count
    #expect(world.printed("list-prunes \(options) --count") == "\(count)\n")
  }

  @Test(arguments: [
    ("", "1\n2\n"), ("--newest", "2\n1\n"), ("--newest --limit 1", "2\n"),
    ("--since 2026-01-02", "2\n"), ("--until 2026-01-01", "1\n"), ("--until never", ""),
    ("--domain example.org", "1\n2\n"), ("--domain example.net", ""),
    ("--email ANN@EXAMPLE.ORG", "1\n"), ("--email 2 --email nobody@example.org", "2\n"),
  ])
  func `the accounts of a run are selected`(_ options: String, text: String) throws {
    let world = try World.withStaleAccounts()
    #expect(world.run("prune --include-never-mailed --max 9 --yes -q") == .ok)
    #expect(
      world.printed("list-prunes 1 \(options) --format tsv --no-header --fields id") == text)
    let count = text.split(separator: "\n").count
    #expect(world.printed("list-prunes 1 \(options) --count") == "\(count)\n")
  }

  @Test func `addresses are read from a file`() throws {
    let world = try world()
    world.input = TypedInput(Array("eve@example.org\n bob@example.org \r\n".utf8))
    #expect(
      world.printed("list-prunes 1 --stdin --format tsv --no-header --fields email")
        == "bob@example.org\n")
  }
}
