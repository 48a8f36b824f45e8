internal import Base

/// Finds bursts among the registrations that a prune would take: each of one domain, or of several
/// small ones.
///
/// Accounts of a domain are one burst as long as each follows the one before within ten minutes, or,
/// where the domain is a common one, at more than ten times its usual rate: that of the median of
/// days. Many accounts in one burst are a wave. So are many of domains that have only a few accounts
/// each, all in one burst.
struct PruneWaves {
  private struct Registration {
    let id: AccountID
    let date: AccountDate

    /// The number of the domain, in the order of their first accounts.
    let domain: Int

    /// A local time of an unknown zone is taken for UTC.
    var second: Int64 { date.assumingUTC.seconds }

    var day: Int64 { (second - Int64(Int(second).modulo(PruneWaves.day))) / Int64(PruneWaves.day) }

    func isEarlier(than other: Registration) -> Bool {
      (date.assumingUTC, id.rawValue) < (other.date.assumingUTC, other.id.rawValue)
    }
  }

  /// The fewest accounts of a wave.
  static let leastAccounts = 20

  /// The longest time between two accounts of a burst, in seconds.
  static let longestGap: Int64 = 600

  /// How many times its usual rate a domain has in a burst, at least.
  private static let factor: Int64 = 10

  /// The fewest days whose median is the usual rate.
  private static let leastDays = 28
  private static let day = 86_400

  private var domains: [String] = []
  private var numbers: [String: Int] = [:]
  private var registrations: [[Registration]] = []

  /// Adds an account that would be pruned; one without a date belongs to no wave.
  mutating func add(_ candidate: PruneCandidate) {
    guard let date = candidate.registeredOn else { return }
    let domain = Self.domain(of: candidate.email)
    let number = numbers[domain] ?? domains.count
    if number == domains.count {
      numbers[domain] = number
      domains.append(domain)
      registrations.append([])
    }
    registrations[number].append(Registration(id: candidate.id, date: date, domain: number))
  }

  /// The domain of an address, the same for every spelling if libidn2 can be loaded.
  static func domain(of email: String) -> String {
    let identity = AddressSpellings.identity(of: email)
    return identity.utf8.lastIndex(of: UInt8(ascii: "@")).map { at in
      String(identity[identity.utf8.index(after: at)...])
    } ?? ""
  }

  /// The waves, in the order of their first accounts.
  var all: [PruneWave] {
    let days = registrations.joined().lazy.map(\.day)
    guard let first = days.min(), let last = days.max() else { return [] }
    let span = max(Self.leastDays, Int(last - first) + 1)
    var waves: [[Registration]] = []
    var small: [Registration] = []
    for ofDomain in registrations {
      let sorted = ofDomain.sorted { $0.isEarlier(than: $1) }
      let bursts = Self.bursts(of: sorted, gap: Self.gap(of: sorted, days: span))
      waves += bursts.filter { $0.count >= Self.leastAccounts }
      if bursts.count == 1, sorted.count < Self.leastAccounts { small += sorted }
    }
    small.sort { $0.isEarlier(than: $1) }
    waves += Self.bursts(of: small, gap: Self.longestGap)
      .filter { $0.count >= Self.leastAccounts }
    return waves.sorted { $0[0].isEarlier(than: $1[0]) }.map(wave)
  }

  /// The longest time between two accounts of a burst of a domain with registrations within a number
  /// of days.
  private static func gap(of registrations: [Registration], days: Int) -> Int64 {
    var counts: [Int64: Int] = [:]
    for registration in registrations { counts[registration.day, default: 0] += 1 }
    // Most days have no account of most domains.
    let empty = days - counts.count
    let median = days / 2
    if median < empty { return longestGap }
    let usual = Int64(counts.values.sorted()[median - empty])
    return min(longestGap, Int64(day) / (factor * usual))
  }

  /// Divides registrations, earliest first, where the time between two is longer than a gap.
  private static func bursts(of registrations: [Registration], gap: Int64) -> [[Registration]] {
    var bursts: [[Registration]] = []
    var last: Int64?
    for registration in registrations {
      if last.map({ registration.second - $0 > gap }) ?? true { bursts.append([]) }
      bursts[bursts.count - 1].append(registration)
      last = registration.second
    }
    return bursts
  }

  private func wave(_ registrations: [Registration]) -> PruneWave {
    var counts: [Int: Int] = [:]
    for registration in registrations { counts[registration.domain, default: 0] += 1 }
    let domains = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
    return PruneWave(
      ids: registrations.map(\.id), first: registrations[0].date,
      last: registrations[registrations.count - 1].date,
      domains: domains.map { self.domains[$0.key] })
  }
}
