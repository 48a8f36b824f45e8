internal import Base

/// The accounts registered in the same week or month, with the number of each result.
package struct Cohort: Sendable {
  package let period: ReportPeriod
  package fileprivate(set) var registered = 0
  package fileprivate(set) var confirmedByToken = 0
  package fileprivate(set) var confirmedByOperator = 0
  package fileprivate(set) var pruned = 0

  /// The times to confirmation of accounts that confirmed by a link, in seconds.
  private var waits: [Int64] = []

  /// The observed times of the others: open, pruned, or confirmed by an operator.
  private var censored: [Int64] = []

  fileprivate init(of period: ReportPeriod) { self.period = period }

  package var name: String { period.name }

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
      // A half that is a product of fractions may be a little more.
      if surviving <= 0.5 + 1e-9 { return .seconds(wait) }
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
  private let length: ReportPeriod.Length
  private let now: Instant
  private var byPeriod: [ReportPeriod: Cohort] = [:]

  init(by length: ReportPeriod.Length, at now: Instant) {
    self.length = length
    self.now = now
  }

  mutating func add(_ life: AccountLife) {
    let period = ReportPeriod(length, of: life.registeredOn.assumingUTC)
    if byPeriod[period] == nil { byPeriod[period] = Cohort(of: period) }
    byPeriod[period]?.add(life, at: now)
  }

  /// All cohorts, oldest first.
  var all: [Cohort] { byPeriod.sorted { $0.key < $1.key }.map(\.value) }
}
