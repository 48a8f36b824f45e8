import Testing

@testable import regctl

@Suite("ExitCode") struct ExitCodeTests {
  @Test func `the numbers are those of sysexits.h`() {
    #expect(
      ExitCode.allCases.map(\.rawValue) == [0, 1, 64, 65, 66, 67, 69, 70, 73, 74, 75, 77, 78])
  }

  @Test func `names and meanings are distinct`() {
    #expect(Set(ExitCode.allCases.map(\.name)).count == ExitCode.allCases.count)
    #expect(Set(ExitCode.allCases.map(\.meaning)).count == ExitCode.allCases.count)
  }
}
