internal import Base

/// How many accounts of each week were confirmed: evidence of whether mail arrived in that week.
///
/// Where the application sends its own mails, regctl knows nothing of them. If far fewer accounts of
/// a week are confirmed than of the weeks around it, mail was probably broken then, and their owners
/// never had a link. Pruned accounts count as accounts that were not confirmed, so that a prune does
/// not change the shares.
struct WeeklyConfirmations {
  /// The accounts of a week, or of as many weeks as it takes for enough accounts.
  private struct Cohort {
    let firstWeek: Int64
    var accounts = 0
    var confirmed = 0
    var isWeak = false

    /// Whether there are enough accounts for the share to say something about other cohorts.
    var isComplete: Bool { accounts >= WeeklyConfirmations.smallestCohort }
    var share: Double { Double(confirmed) / Double(accounts) }
  }

  /// The number of accounts that a cohort has at least, except the last one: a week with fewer is
  /// counted together with the weeks after it.
  static let smallestCohort = 10

  /// The number of cohorts with which one is compared.
  static let neighbourCount = 8

  /// The probability up to which it is not by chance that none of some accounts was confirmed.
  private static let significance = 0.1

  private var cohorts: [Cohort] = []

  /// Takes the number of accounts, and of confirmed ones among them, registered on each day.
  init(_ days: [(day: String, accounts: Int, confirmed: Int)]) {
    var weeks: [Int64: (accounts: Int, confirmed: Int)] = [:]
    for (day, accounts, confirmed) in days {
      guard let week = Self.week(of: day) else { continue }
      let sum = weeks[week] ?? (0, 0)
      weeks[week] = (sum.accounts + accounts, sum.confirmed + confirmed)
    }
    for (week, sum) in weeks.sorted(by: { $0.key < $1.key }) {
      if cohorts.last?.isComplete ?? true { cohorts.append(Cohort(firstWeek: week)) }
      cohorts[cohorts.count - 1].accounts += sum.accounts
      cohorts[cohorts.count - 1].confirmed += sum.confirmed
    }
    let (accounts, confirmed) = cohorts.reduce(into: (0, 0)) {
      $0 = ($0.0 + $1.accounts, $0.1 + $1.confirmed)
    }
    let share = accounts == 0 ? 0 : Double(confirmed) / Double(accounts)
    for index in cohorts.indices {
      cohorts[index].isWeak = isWeak(index, shareOfAll: share)
    }
  }

  /// Whether an account is of a cohort with a share of confirmed accounts far below the others.
  ///
  /// The date is that of its registration as the table stores it. A date that was not counted is
  /// no evidence that mail arrived.
  func isWeak(registeredOn text: String) -> Bool {
    guard let week = Self.week(of: text) else { return true }
    var (low, high) = (0, cohorts.count)
    while low < high {
      let middle = (low + high) / 2
      if cohorts[middle].firstWeek <= week { low = middle + 1 } else { high = middle }
    }
    return low == 0 || cohorts[low - 1].isWeak
  }

  private func isWeak(_ index: Int, shareOfAll: Double) -> Bool {
    let cohort = cohorts[index]
    if cohort.confirmed == 0 {
      // Without this, an outage of more than five weeks would be compared with itself. A last
      // cohort that is not complete waits for the confirmations of others.
      if !cohort.isComplete || shareOfAll == 0 { return true }
      if Self.isSignificant(noneOf: cohort.accounts, share: shareOfAll) { return true }
    }
    guard let median = Self.median(neighbours(of: index).map(\.share)) else { return false }
    return cohort.share < median / 2
  }

  /// Whether it is improbable that no account of some is confirmed, if each is with a probability.
  private static func isSignificant(noneOf count: Int, share: Double) -> Bool {
    var probability = 1.0
    for _ in 0..<count where probability > significance { probability *= 1 - share }
    return probability <= significance
  }

  /// Four cohorts before and four after, or more on one side where the other has fewer.
  private func neighbours(of index: Int) -> [Cohort] {
    let before = cohorts[..<index].filter(\.isComplete)
    let after = cohorts[(index + 1)...].filter(\.isComplete)
    let half = Self.neighbourCount / 2
    let later = min(after.count, max(half, Self.neighbourCount - before.count))
    let earlier = min(before.count, Self.neighbourCount - later)
    return before.suffix(earlier) + after.prefix(later)
  }

  private static func median(_ values: [Double]) -> Double? {
    if values.isEmpty { return nil }
    let values = values.sorted()
    let middle = values.count / 2
    return values.count % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2
  }

  /// The number of the week of a date, from Monday to Sunday (ISO 8601).
  private static func week(of text: String) -> Int64? {
    let day = String(decoding: text.utf8.prefix(10), as: UTF8.self)
    guard let date = Timestamp(day) else { return nil }
    // 1970-01-01 was a Thursday.
    let days = Int(date.seconds / 86_400) + 3
    return Int64((days - days.modulo(7)) / 7)
  }
}
