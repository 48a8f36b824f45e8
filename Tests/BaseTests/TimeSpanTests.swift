import Testing

@testable import Base

@Suite("TimeSpan") struct TimeSpanTests {
  @Test(
    arguments: [
      ("0s", 0), ("1s", 1), ("90s", 90), ("5m", 300), ("2h", 7200), ("14d", 1_209_600),
      ("2w", 1_209_600), ("007d", 604_800), ("315360000000s", 315_360_000_000),
    ] as [(String, Int64)])
  func `a duration is a number and a unit`(_ text: String, seconds: Int64) throws {
    #expect(try TimeSpan(text) == .finite(.seconds(seconds)))
  }

  @Test func `never is a duration`() throws {
    #expect(try TimeSpan("never") == .never)
  }

  @Test(arguments: [
    ("", TimeSpan.Fault.malformed), ("d", .malformed), ("-1d", .malformed), ("+1d", .malformed),
    ("1 d", .malformed), ("1dd", .malformed), ("1y", .malformed), ("1.5h", .malformed),
    ("1D", .malformed), (" 1d", .malformed), ("NEVER", .malformed), ("1d\n", .malformed),
    ("१d", .malformed), ("14", .missingUnit(suggestion: "14d")),
    ("0", .missingUnit(suggestion: "0d")),
    ("315360000001s", .tooLarge), ("9223372036854775807w", .tooLarge),
    ("99999999999999999999s", .tooLarge),
  ])
  func `anything else is refused with the reason`(_ text: String, fault: TimeSpan.Fault) {
    #expect(throws: fault) { try TimeSpan(text) }
  }

  @Test func `the suggested unit depends on the option`() {
    #expect(throws: TimeSpan.Fault.missingUnit(suggestion: "60s")) {
      try TimeSpan("60", likelyUnit: "s")
    }
  }
}
