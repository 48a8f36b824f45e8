import RegctlCore
import Testing

@testable import regctl

@Suite("FailureCount") struct FailureCountTests {
  private func count() throws -> FailureCount {
    FailureCount(in: try World(hasDatabase: false).context)
  }

  @Test func `without a failure the result is a success`() throws {
    let count = try count()
    count.succeed()
    #expect(count.summary.exitCode == .ok)
    #expect(count.summary.failures.isEmpty)
  }

  @Test func `failures are printed up to a limit, then counted`() throws {
    let count = try count()
    count.succeed()
    count.fail(.core(.account(.notFound("ann@example.org"))))
    count.countFailure()
    let summary = count.summary
    #expect(summary.exitCode == .refused)
    #expect(
      summary.failures.map(\.message)
        == ["no such account: 'ann@example.org'", "2 of 3 failed"])
  }

  @Test func `of a thousand failures a hundred are printed`() throws {
    let count = try count()
    for _ in 0..<1000 { count.fail(.core(.account(.wrongPassword))) }
    #expect(count.summary.failures.count == 101)
    #expect(count.summary.failures.last?.message == "1000 of 1000 failed")
  }
}
