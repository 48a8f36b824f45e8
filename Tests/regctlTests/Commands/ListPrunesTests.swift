import RegctlCore
import Testing

@testable import regctl

@Suite("ListPrunes") struct ListPrunesTests {
  @Test(arguments: [
    ("list-prunes 1", UsageError.Fault.unexpectedOperand("1")),
    (
      "list-prunes --fields runs",
      .invalidValue(
        option: "--fields", value: "runs",
        expected: .fields(ListPrunes.columns.map(\.name), suggestion: "run"))
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
      2    2027-03-23 09:00 UTC  tester  2027-03-09 09:00 UTC  1       0
      1    2027-01-22 09:00 UTC  tester  2027-01-08 09:00 UTC  2       1

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

  @Test func `no runs print nothing, and in JSON an empty list`() throws {
    let world = try World()
    #expect(world.printed("list-prunes") == "")
    #expect(world.printed("list-prunes --json") == "{\"schema\":1,\"prunes\":[],\"count\":0}\n")
  }
}
