/// The work of a password check, so that its time does not reveal the account's state.
///
/// A table may hold hashes of several kinds and costs. Every check does, for each kind that is
/// frequent in the table, the work of `totals`: the comparison with the account's hash is part of the
/// work of its kind.
package struct HashingEffort: Equatable, Sendable {
  /// The number of kinds of work of a check at most.
  static let kindLimit = 3

  /// The most frequent work in the table, used where there is no hash.
  let usual: HashingWork

  /// The work that every check does at least: one of each kind, that of `usual` first.
  let totals: [HashingWork]

  /// The effort for the work of new hashes and of stored ones; of equally frequent work, that with
  /// the most rounds is the usual one.
  ///
  /// New hashes count only if the table has some of their kind, or none at all.
  init(configured: HashingWork, stored: [HashingWork]) {
    let kinds = Dictionary(grouping: stored, by: \.kind).values.map { works in
      (count: works.count, usual: Self.mostFrequent(of: works))
    }
    .sorted { ($0.count, $0.usual.rounds) > ($1.count, $1.usual.rounds) }
    usual = kinds.first?.usual ?? configured
    totals = (kinds.isEmpty ? [configured] : kinds.prefix(Self.kindLimit).map(\.usual)).map {
      $0.kind == configured.kind && configured.rounds > $0.rounds ? configured : $0
    }
  }

  private static func mostFrequent(of works: [HashingWork]) -> HashingWork {
    let counts = Dictionary(works.map { ($0, 1) }, uniquingKeysWith: +)
    let most = counts.max { ($0.value, $0.key.rounds) < ($1.value, $1.key.rounds) }
    guard let most else { preconditionFailure("a kind has work") }
    return most.key
  }

  /// The effort of a single comparison, for a check whose time reveals nothing.
  static let single = HashingEffort(configured: .bcrypt(cost: Bcrypt.costs.lowerBound), stored: [])

  /// The runs of a check, among them the comparison with a hash of this work; `nil` stands for an
  /// invalid hash.
  ///
  /// The kinds have one order, because a run takes some per cent more or less time after one of
  /// another kind.
  func runs(for work: HashingWork?) -> [HashingWork] {
    let compared = work ?? usual
    var runs = totals.contains { $0.kind == compared.kind } ? [] : [compared]
    for total in totals {
      runs += total.kind == compared.kind ? [compared] + compared.padding(to: total) : [total]
    }
    return runs
  }
}
