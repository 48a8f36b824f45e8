internal import Base
internal import SMTP

/// The accounts registered in the same week or month, with the number of each result.
package struct Cohort: Sendable {
  /// `2026-W48`, the ISO 8601 week, or `2026-11`.
  package let name: String
  package fileprivate(set) var registered = 0
  package fileprivate(set) var confirmedByToken = 0
  package fileprivate(set) var confirmedByOperator = 0
  package fileprivate(set) var pruned = 0

  /// The times to confirmation of accounts that confirmed by a link, in seconds.
  private var waits: [Int64] = []

  /// The observed times of the others: open, pruned, or confirmed by an operator.
  private var censored: [Int64] = []

  fileprivate init(name: String) { self.name = name }

  package var confirmed: Int { confirmedByToken + confirmedByOperator }
  package var open: Int { registered - confirmed - pruned }

  /// The share of confirmed accounts; pruned accounts count as unconfirmed.
  package var share: Double { registered == 0 ? 0 : Double(confirmed) / Double(registered) }

  /// The estimated median time to confirmation; `nil` when it cannot be estimated.
  ///
  /// Kaplan and Meier (1958): an account that is not confirmed yet counts for as long as it was
  /// observed. Leaving it out would make recent cohorts look faster.
  package var medianWait: Duration? {
    let waits = waits.sorted()
    let censored = censored.sorted()
    var atRisk = waits.count + censored.count
    var surviving = 1.0
    var next = 0
    for wait in waits {
      while next < censored.count, censored[next] < wait {
        atRisk -= 1
        next += 1
      }
      surviving *= 1 - 1 / Double(atRisk)
      atRisk -= 1
      if surviving <= 0.5 { return .seconds(wait) }
    }
    return nil
  }

  fileprivate mutating func add(_ life: AccountLife, at now: Instant) {
    registered += 1
    let wait = life.duration.map { max(0, $0.wholeSeconds) }
    switch life.state {
    case .confirmedByToken:
      confirmedByToken += 1
      if let wait { waits.append(wait) }
    case .confirmedByOperator:
      confirmedByOperator += 1
      if let wait { censored.append(wait) }
    case .pruned:
      pruned += 1
      censored += observation(of: life, until: life.end?.assumingUTC)
    case .open:
      censored += observation(of: life, until: now)
    }
  }

  /// For how long an account was observed; where its zone is not known, it is taken for UTC.
  private func observation(of life: AccountLife, until end: Instant?) -> [Int64] {
    end.map { [max(0, ($0 - life.registeredOn.assumingUTC).wholeSeconds)] } ?? []
  }
}

/// The time from an account's registration to its confirmation or removal.
struct AccountLife {
  enum State { case confirmedByToken, confirmedByOperator, pruned, open }

  let registeredOn: AccountDate
  let state: State

  /// When it was confirmed or pruned, if known.
  let end: AccountDate?

  /// The time from the registration to the end; `nil` where one of them is a local time of an
  /// unknown zone and the other is not.
  fileprivate var duration: Duration? {
    switch (registeredOn, end) {
    case (.moment(let beginning), .moment(let end)), (.local(let beginning), .local(let end)):
      end - beginning
    default: nil
    }
  }
}

/// Cohorts by period.
package struct Cohorts {
  package enum Period: String, CaseIterable, Sendable { case week, month }

  private let period: Period
  private let now: Instant
  private var byNumber: [Int64: Cohort] = [:]

  init(by period: Period, at now: Instant) {
    self.period = period
    self.now = now
  }

  mutating func add(_ life: AccountLife) {
    let registeredOn = life.registeredOn.assumingUTC
    let number = number(of: registeredOn)
    if byNumber[number] == nil { byNumber[number] = Cohort(name: name(of: registeredOn)) }
    byNumber[number]?.add(life, at: now)
  }

  /// All cohorts, oldest first.
  var all: [Cohort] { byNumber.sorted { $0.key < $1.key }.map(\.value) }

  private func number(of moment: Instant) -> Int64 {
    switch period {
    case .week: (Self.days(moment) + 3).flooredQuotient(by: 7)
    case .month: Int64(moment.civil.year * 12 + moment.civil.month)
    }
  }

  private func name(of moment: Instant) -> String {
    switch period {
    case .month:
      let date = moment.civil
      return "\(date.year)-\(CivilDate.twoDigits(date.month))"
    case .week:
      // ISO 8601: a week belongs to the year of its Thursday.
      let thursday = number(of: moment) * 7
      let year = CivilDate(secondsSince1970: thursday * 86_400).year
      let newYear = CivilDate.days(year: year, month: 1, day: 1) ?? 0
      return "\(year)-W\(CivilDate.twoDigits((Int(thursday) - newYear) / 7 + 1))"
    }
  }

  private static func days(_ moment: Instant) -> Int64 {
    moment.seconds.flooredQuotient(by: 86_400)
  }
}

extension Int64 {
  fileprivate func flooredQuotient(by divisor: Int64) -> Int64 {
    let quotient = self / divisor
    return self % divisor < 0 ? quotient - 1 : quotient
  }
}
