import Base
import TestSupport
import Testing

@testable import RegctlCore

@Suite("WeeklyConfirmations", .once) struct WeeklyConfirmationsTests {
  /// 2026-01-05, a Monday, in days since 1970.
  private static let firstDay = 20_458

  /// The date of a day, counted from the first Monday.
  private static func date(_ day: Int) -> String {
    let moment = Instant(seconds: Int64(firstDay + day) * 86_400)
    return String(moment.databaseText.prefix(10))
  }

  /// The weeks with so many accounts and so many confirmed ones that are weak; one that has no
  /// account is not asked for.
  private func weak(_ weeks: [(accounts: Int, confirmed: Int)]) -> [Int] {
    let confirmations = WeeklyConfirmations(
      weeks.enumerated().map { number, week in
        (Self.date(number * 7 + 2), week.accounts, week.confirmed)
      })
    return weeks.indices.filter { number in
      weeks[number].accounts > 0
        && confirmations.isWeak(registeredOn: "\(Self.date(number * 7 + 5)) 12:00:00.000000")
    }
  }

  // MARK: The rule

  @Test(arguments: [(2, [4]), (3, []), (4, [])])
  func `a week with less than half of the median of the others is weak`(
    _ confirmed: Int, weeks: [Int]
  ) {
    var shares = [Int](repeating: 6, count: 9)
    shares[4] = confirmed
    #expect(weak(shares.map { (10, $0) }) == weeks)
  }

  @Test func `a week is compared with four before and four after`() {
    // The share falls by half after the eighth week: the old weeks do not make the new ones weak.
    let shares = [Int](repeating: 9, count: 8) + [Int](repeating: 4, count: 12)
    #expect(weak(shares.map { (10, $0) }) == [])
    let fallen = [Int](repeating: 9, count: 8) + [Int](repeating: 1, count: 12)
    #expect(weak(fallen.map { (10, $0) }) == [8])
  }

  @Test func `five weeks with few confirmations are all found`() {
    let good = [Int](repeating: 9, count: 8)
    let shares = good + [Int](repeating: 1, count: 5) + good
    #expect(weak(shares.map { (10, $0) }) == Array(8..<13))
  }

  @Test func `at the end, eight weeks before take part`() {
    // Of four weeks before, half would be without mail too.
    let shares = [6, 6, 6, 6, 6, 6, 1, 1, 1]
    #expect(weak(shares.map { (10, $0) }) == [6, 7, 8])
  }

  @Test func `an outage of any length is found, once it is significant`() {
    let outage = [Int](repeating: 0, count: 20)
    let shares = [6, 6, 6, 6, 6, 6, 6, 6] + outage + [6, 6, 6, 6]
    #expect(weak(shares.map { (20, $0 * 2) }) == Array(8..<28))
  }

  @Test func `where no account was ever confirmed, all are weak`() {
    #expect(weak([(10, 0), (10, 0), (3, 0)]) == [0, 1, 2])
    #expect(weak([(1, 0)]) == [0])
  }

  @Test func `where few accounts confirm, none is no sign of an outage`() {
    var weeks = [(accounts: Int, confirmed: Int)](repeating: (20, 1), count: 12)
    weeks[5].confirmed = 0
    weeks[6].confirmed = 0
    // The median is 5 %: none of 20 is by chance in a third of all weeks.
    #expect(weak(weeks) == [5, 6])
    #expect(weak([(20, 0), (20, 0), (20, 0), (20, 0), (20, 0), (20, 1), (20, 0)]) == [])
  }

  @Test func `a single week has no others to be compared with`() {
    #expect(weak([(10, 1)]) == [])
  }

  // MARK: Small weeks

  @Test func `small weeks are counted together with the weeks after them`() {
    // 3 + 0 + 4 + 4 accounts, then a week of its own.
    let weeks = [(3, 0), (0, 0), (4, 4), (4, 3), (12, 7), (10, 6)]
    #expect(weak(weeks) == [])
    #expect(weak([(3, 0), (0, 0), (4, 0), (4, 1), (12, 7), (10, 6)]) == [0, 2, 3])
  }

  @Test func `the last weeks are judged alone, and judge no other`() {
    let full = [(accounts: Int, confirmed: Int)](repeating: (10, 6), count: 8)
    #expect(weak(full + [(3, 0)]) == [8])
    #expect(weak(full + [(3, 1)]) == [])
    // Further accounts of the week that confirm release the first ones.
    #expect(weak(full + [(14, 6)]) == [])
  }

  @Test func `a week begins on Monday`() {
    let counts = (0..<10).map { (day: Self.date(-$0 * 7), accounts: 10, confirmed: 6) }
    let outage = (1..<7).map { (day: Self.date($0), accounts: 10, confirmed: 0) }
    let confirmations = WeeklyConfirmations(counts + outage)
    #expect(confirmations.isWeak(registeredOn: Self.date(0)))
    #expect(!confirmations.isWeak(registeredOn: "\(Self.date(-1)) 23:59:59.999999"))
  }

  @Test func `days may come in any order, and those that are no date count for none`() {
    var days = (0..<9).map { (day: Self.date($0 * 7), accounts: 10, confirmed: $0 == 4 ? 1 : 6) }
    days += [
      (day: "yesterday", accounts: 1000, confirmed: 0), (day: "", accounts: 1, confirmed: 1),
    ]
    let confirmations = WeeklyConfirmations(days.reversed())
    #expect(confirmations.isWeak(registeredOn: Self.date(28)))
    #expect(!confirmations.isWeak(registeredOn: Self.date(21)))
  }

  @Test(arguments: ["", "yesterday", "2025-12-01"])
  func `a date without counted accounts is no evidence of mail`(_ text: String) {
    let confirmations = WeeklyConfirmations([(Self.date(0), 10, 6)])
    #expect(confirmations.isWeak(registeredOn: text))
  }

  // MARK: Simulations

  /// Random numbers that are the same in every run (SplitMix64).
  private struct Numbers: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var number = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
      number = (number ^ (number >> 27)) &* 0x94D0_49BB_1331_11EB
      return number ^ (number >> 31)
    }
  }

  /// A day of an application, with the accounts that were registered and that still exist.
  private struct Day {
    var registered = 0
    var confirmed = 0
    var unconfirmed = 0
    var isOutage = false
  }

  /// A site with a number of accounts a week and a share of them that confirms, over 50 weeks; mail is
  /// broken from week 30 on for some weeks.
  private static func site(
    accounts: Double, share: Double, outage weeks: Int, seed: UInt64
  ) -> [Day] {
    var numbers = Numbers(state: seed)
    return (0..<350).map { number in
      var day = Day(isOutage: (30..<(30 + weeks)).contains(number / 7))
      // 40 visitors a day, of whom some register.
      for _ in 0..<40 where Double.random(in: 0..<1, using: &numbers) < accounts / 280 {
        day.registered += 1
        if !day.isOutage, Double.random(in: 0..<1, using: &numbers) < share { day.confirmed += 1 }
      }
      day.unconfirmed = day.registered - day.confirmed
      return day
    }
  }

  /// Prunes every day what is older than that day, and returns the shares of the accounts without a
  /// mail that were lost, and of the others that were kept.
  private static func prune(_ days: inout [Day], every interval: Int) -> (lost: Int, kept: Int) {
    for today in stride(from: 140, through: 350, by: interval) {
      let confirmations = WeeklyConfirmations(
        days[..<today].enumerated().map { ($1.registered, $1.confirmed, $0) }
          .map { (date($0.2), $0.0, $0.1) })
      for day in 0..<today where days[day].unconfirmed > 0 {
        if !confirmations.isWeak(registeredOn: date(day)) { days[day].unconfirmed = 0 }
      }
    }
    let outage = days.filter(\.isOutage)
    return (
      outage.reduce(0) { $0 + $1.registered - $1.unconfirmed },
      days.filter { !$0.isOutage }.reduce(0) { $0 + $1.unconfirmed }
    )
  }

  @Test(arguments: [1, 2, 4, 8], [0.3, 0.6])
  func `a daily prune keeps nearly all accounts of an outage, and few others`(
    _ weeks: Int, share: Double
  ) {
    var (lost, without, kept, others) = (0, 0, 0, 0)
    for seed in 1...6 {
      var days = Self.site(accounts: 50, share: share, outage: weeks, seed: UInt64(seed))
      let outage = days.filter(\.isOutage).reduce(0) { $0 + $1.registered }
      without += outage
      others += days.filter { !$0.isOutage }.reduce(0) { $0 + $1.registered - $1.confirmed }
      let result = Self.prune(&days, every: 1)
      lost += result.lost
      kept += result.kept
    }
    #expect(Double(lost) <= 0.01 * Double(without), "\(lost) of \(without) lost")
    #expect(Double(kept) <= 0.02 * Double(others), "\(kept) of \(others) kept")
  }

  @Test func `without an outage, nearly all accounts of a small site are pruned`() {
    var (kept, others) = (0, 0)
    for seed in 1...20 {
      var days = Self.site(accounts: 5, share: 0.6, outage: 0, seed: UInt64(seed))
      others += days.reduce(0) { $0 + $1.unconfirmed }
      kept += Self.prune(&days, every: 7).kept
    }
    #expect(Double(kept) <= 0.1 * Double(others), "\(kept) of \(others) kept")
  }
}
