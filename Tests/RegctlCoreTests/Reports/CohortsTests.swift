import Testing

@testable import RegctlCore

@Suite("Cohorts") struct CohortsTests {
  private static let now = Instant(seconds: 1_795_424_400)  // 2026-11-23 09:00 UTC

  private func cohorts(
    by period: ReportPeriod.Length = .month, _ lives: [AccountLife]
  ) -> [Cohort] {
    var cohorts = Cohorts(by: period, at: Self.now)
    for life in lives { cohorts.add(life) }
    return cohorts.all
  }

  /// An account that was registered some time ago and ended waiting after some seconds.
  private func life(
    _ age: Int64, _ state: AccountLife.State, after wait: Int64? = nil
  ) -> AccountLife {
    let registered = Self.now - .seconds(age)
    return AccountLife(
      registeredOn: .moment(registered), state: state,
      end: wait.map { .moment(registered + .seconds($0)) })
  }

  @Test(arguments: [
    ("2024-12-29", "2024-W52"), ("2024-12-30", "2025-W01"), ("2025-01-01", "2025-W01"),
    ("2020-12-31", "2020-W53"), ("2021-01-03", "2020-W53"), ("2021-01-04", "2021-W01"),
    ("2026-11-23", "2026-W48"), ("1969-12-28", "1969-W52"), ("1970-01-01", "1970-W01"),
  ])
  func `weeks are those of ISO 8601`(_ day: String, _ week: String) throws {
    let moment = try #require(Instant(parsing: day))
    for date in [AccountDate.moment(moment), .local(moment)] {
      let found = cohorts(by: .week, [AccountLife(registeredOn: date, state: .open, end: nil)])
      #expect(found.map(\.name) == [week])
    }
  }

  @Test func `a time between a local time and a moment is not known`() throws {
    let (local, moment) = (AccountDate.local(Self.now), AccountDate.moment(Self.now))
    func median(_ registered: AccountDate, _ end: AccountDate) -> Duration? {
      cohorts([AccountLife(registeredOn: registered, state: .confirmedByToken, end: end)])[0]
        .medianWait
    }
    #expect(median(local, local) == .zero)
    #expect(median(moment, moment) == .zero)
    #expect(median(local, moment) == nil)
  }

  @Test func `months are in chronological order`() throws {
    let moments = ["2026-02-01", "2025-12-31", "2026-02-28"].compactMap(Instant.init(parsing:))
    let found = cohorts(
      moments.map { AccountLife(registeredOn: .moment($0), state: .open, end: nil) })
    #expect(found.map(\.name) == ["2025-12", "2026-02"])
    #expect(found.map(\.registered) == [1, 2])
  }

  @Test func `every account is counted once, including pruned ones`() {
    let found = cohorts([
      life(100, .confirmedByToken, after: 10), life(100, .confirmedByOperator, after: 20),
      life(100, .pruned, after: 30), life(100, .open),
    ])
    #expect(found.count == 1)
    #expect(found[0].registered == 4)
    #expect([found[0].confirmedByToken, found[0].confirmedByOperator] == [1, 1])
    #expect([found[0].pruned, found[0].open] == [1, 1])
    #expect(found[0].share == 0.5)
  }

  @Test func `without open accounts the median is exact`() {
    let found = cohorts([3, 1, 2, 5, 4].map { life(100, .confirmedByToken, after: $0) })
    #expect(found[0].medianWait == .seconds(3))
  }

  @Test func `open accounts are not left out`() {
    let quick = [10, 20, 30].map { life(1000, .confirmedByToken, after: $0) }
    #expect(cohorts(quick)[0].medianWait == .seconds(20))
    let waiting = (0..<3).map { _ in life(1000, .open) }
    #expect(cohorts(quick + waiting)[0].medianWait == .seconds(30))
    #expect(cohorts(quick + waiting + [life(1000, .open)])[0].medianWait == nil)
  }

  @Test(arguments: Int64(1)...200)
  func `half of the accounts are enough`(_ count: Int64) {
    let quick = (1...count).map { life(1000, .confirmedByToken, after: $0) }
    let waiting = (1...count).map { _ in life(1000, .open) }
    #expect(cohorts(quick + waiting)[0].medianWait == .seconds(count))
  }

  @Test func `recently registered accounts have little influence`() {
    // Two were registered a second ago: it is unknown how long they will take.
    let lives = [10, 20].map { life(1000, .confirmedByToken, after: $0) }
    let young = (0..<2).map { _ in life(1, .open) }
    #expect(cohorts(lives + young)[0].medianWait == .seconds(10))
  }

  @Test func `the store distinguishes confirmations and prunes`() throws {
    let site = try Site()
    for name in ["ann", "bob", "carol"] { _ = try site.register("\(name)@example.org") }
    try site.createAdministrator("root@example.org")
    _ = try Confirm.byOperator(
      "ann@example.org", reason: "called", in: site.store, at: site.now, by: Site.actor)
    let prune = Prune(
      olderThan: .seconds(1), at: site.now + .seconds(10), maximum: 1, includesNeverMailed: true,
      try site.configuration())
    try site.store.finish(MailID(rawValue: 2), as: .failed, reply: "no", at: site.now)
    _ = try prune.perform(
      prune.survey(site.store), in: site.store, at: site.now + .seconds(10), by: Site.actor)
    let found = try site.store.cohorts(by: .month, in: ReportInterval(), at: site.now)
    #expect(found.map(\.registered) == [3])
    #expect([found[0].confirmedByOperator, found[0].pruned, found[0].open] == [1, 1, 1])
    #expect(
      try site.store.cohorts(
        by: .month, in: ReportInterval(since: site.now + .seconds(1)), at: site.now
      ).isEmpty)
  }
}
