import Testing

@testable import RegctlCore

@Suite("PrunedAccounts") struct PrunedAccountsTests {
  private func run(_ day: String, pruned: Int, restored: Int = 0) throws -> PruneRun {
    let at = try #require(Instant(parsing: day))
    return PruneRun(
      number: 1, at: at, actor: "tester", cutoff: at, pruned: pruned, restored: restored)
  }

  private func grouped(since day: String? = nil) throws -> [String] {
    let runs = [
      try run("2026-11-24", pruned: 3, restored: 2), try run("2026-11-23", pruned: 4),
      try run("2026-11-09", pruned: 1, restored: 1),
    ]
    let since = try day.map { try #require(Instant(parsing: $0)) }
    return PrunedAccounts.grouping(runs, by: .week, in: ReportInterval(since: since)).map {
      "\($0.period.name) \($0.runs) \($0.pruned) \($0.restored)"
    }
  }

  @Test func `runs are added up by period, oldest first`() throws {
    #expect(try grouped() == ["2026-W46 1 1 1", "2026-W48 2 7 2"])
  }

  @Test func `runs from a moment on are counted`() throws {
    #expect(try grouped(since: "2026-11-24") == ["2026-W48 1 3 2"])
    #expect(try grouped(since: "2026-11-25").isEmpty)
  }
}
