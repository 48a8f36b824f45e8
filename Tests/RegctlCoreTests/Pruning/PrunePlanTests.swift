import TestSupport
import Testing

@testable import RegctlCore

@Suite("PrunePlan") struct PrunePlanTests {
  private static let first =
    #"{"schema":1,"plan":1,"made_at":"2026-11-23T12:00:00Z","cutoff":"2026-11-09T12:00:00Z","#
    + #""include_never_mailed":false,"accounts":1}"#

  private static let account =
    #"{"id":2,"email":"ann@example.org","registered_on":"2026-10-24T09:00:00Z","#
    + #""stored":"2026-10-24 09:00:00.5"}"#

  private static let lengthOfFirstLine = 146

  private static func replaced(_ text: String, _ old: String, _ new: String) -> String {
    text.replacing(old, with: new)
  }

  // MARK: Lines

  @Test(arguments: [0, 1, 42, Int.max])
  func `the first line has one length, however many accounts there are`(_ count: Int) throws {
    func plan(_ count: Int) -> PrunePlan {
      PrunePlan(
        madeAt: Instant(seconds: 1_795_424_400), cutoff: Instant(seconds: 1_794_214_800),
        includesNeverMailed: true, count: count)
    }
    let plan = plan(count)
    #expect(plan.line.count == Self.lengthOfFirstLine)
    #expect(try PrunePlan(line: plan.line.dropLast()) == plan)
  }

  @Test func `an empty plan has no cutoff`() throws {
    let plan = PrunePlan(
      madeAt: Instant(seconds: 0), cutoff: nil, includesNeverMailed: false, count: 0)
    #expect(try PrunePlan(line: plan.line) == plan)
    let line = Self.replaced(Self.first, "\"2026-11-09T12:00:00Z\"", "null")
    #expect(throws: PrunePlan.Fault.notAPlan) { try PrunePlan(line: Array(line.utf8)) }
  }

  @Test func `an account is read as it was written`() throws {
    let entry = PrunePlan.Entry(
      id: AccountID(rawValue: -3), email: "a\"\\\u{1}é@example.org",
      registeredOn: .moment(Instant(seconds: 7)), stored: "1970-01-01T00:00:07.25Z")
    #expect(try PrunePlan.Entry(line: entry.line) == entry)
  }

  @Test(arguments: [
    ("{", ""), ("\"plan\":1,", ""), ("\"accounts\":1", "\"accounts\":-1"),
    ("\"accounts\":1", "\"accounts\":\"1\""), ("\"accounts\":1", "\"accounts\":1,\"more\":1"),
    ("2026-11-23T", "2026-11-31T"), ("false", "null"), ("2026-11-09T12:00:00Z", "never"),
  ])
  func `an invalid first line is rejected`(_ old: String, new: String) {
    let line = Self.replaced(Self.first, old, new)
    #expect(throws: PrunePlan.Fault.notAPlan) { try PrunePlan(line: Array(line.utf8)) }
  }

  @Test func `a plan of another version is detected`() {
    let line = Self.replaced(Self.first, "\"plan\":1", "\"plan\":2")
    #expect(throws: PrunePlan.Fault.unknownVersion(2)) { try PrunePlan(line: Array(line.utf8)) }
  }

  @Test(arguments: [
    ("{", ""), ("\"id\":2", "\"id\":\"2\""), ("\"id\":2,", ""), ("2026-10-24T", "2026-02-30T"),
    ("stored", "store"), ("\"id\":2", "\"id\":2,\"more\":null"),
  ])
  func `a line that is not an account is rejected`(_ old: String, new: String) {
    let line = Self.replaced(Self.account, old, new)
    #expect(throws: PrunePlan.Fault.notAnAccount) { try PrunePlan.Entry(line: Array(line.utf8)) }
  }

  // MARK: Files

  private func file(_ lines: [String]) throws -> (TemporaryDirectory, PrunePlanFile) {
    let directory = try TemporaryDirectory()
    let path = try directory.write("plan", lines.joined(separator: "\n"))
    return (directory, try PrunePlanFile(path: path))
  }

  @Test func `a plan is read in batches, repeatedly`() throws {
    let (_, file) = try file([
      Self.replaced(Self.first, "\"accounts\":1", "\"accounts\":3"),
      Self.account, Self.account, Self.account,
    ])
    for _ in 0..<2 {
      #expect(try file.next(atMost: 2)?.count == 2)
      #expect(try file.next(atMost: 2)?.count == 1)
      #expect(try file.next(atMost: 2) == nil)
      try file.rewind()
    }
  }

  @Test(arguments: [
    ([], 1, PrunePlan.Fault.count(0, expected: 1)),
    ([account, account], 3, .count(2, expected: 1)),
    ([account, ""], 3, nil),
    ([account, "", ""], 3, .notAnAccount),
    (["{}"], 2, .notAnAccount),
    ([account.replacing("@", with: String(repeating: "x", count: 1 << 20))], 2, .notAnAccount),
  ])
  func `a plan has the declared number of accounts, one per line`(
    _ lines: [String], line: Int, fault: PrunePlan.Fault?
  ) throws {
    let (_, file) = try file([Self.first] + lines)
    func readAll() throws { while try file.next(atMost: 10) != nil {} }
    if let fault {
      #expect(throws: RegctlError.prune(.plan(path: file.path, line: line, fault))) {
        try readAll()
      }
    } else {
      #expect(throws: Never.self) { try readAll() }
    }
  }
}
