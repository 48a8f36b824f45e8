import RegctlCore
import Testing

@testable import regctl

@Suite("Tally") struct TallyTests {
  private func tally() throws -> Tally { Tally(context: try World(hasDatabase: false).context) }

  @Test func `without a failure all is well`() throws {
    let tally = try tally()
    tally.succeed()
    #expect(tally.conclusion.exitCode == .ok)
    #expect(tally.conclusion.failures.isEmpty)
  }

  @Test func `failures are told, then counted`() throws {
    let tally = try tally()
    tally.succeed()
    tally.fail(.core(.account(.notFound("ann@example.org"))))
    tally.countFailure()
    let conclusion = tally.conclusion
    #expect(conclusion.exitCode == .refused)
    #expect(
      conclusion.failures.map(\.message)
        == ["no such account: 'ann@example.org'", "2 of 3 failed"])
  }

  @Test func `of a thousand failures a hundred are told`() throws {
    let tally = try tally()
    for _ in 0..<1000 { tally.fail(.core(.account(.wrongPassword))) }
    #expect(tally.conclusion.failures.count == 101)
    #expect(tally.conclusion.failures.last?.message == "1000 of 1000 failed")
  }
}
