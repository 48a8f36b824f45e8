/// The amount of bcrypt work of a password check, so that its time does not reveal the account's
/// state.
///
/// A hash of cost c takes 2^c rounds, and a table may hold hashes of several costs. A check of a
/// hash with a cost lower than `total` runs the missing rounds as well: 2^c + (2^c + 2^(c+1) + … +
/// 2^(d-1)) = 2^d.
package struct HashingEffort: Equatable, Sendable {
  /// The most frequent cost in the table, used where there is no hash.
  let usual: Int

  /// The cost whose rounds every check runs at least.
  let total: Int

  /// The effort for a configured cost of new hashes and the costs of stored ones; of equally
  /// frequent costs, the largest is the usual one.
  init(configured: Int, stored costs: [Int]) {
    let counts = Dictionary(costs.map { ($0, 1) }, uniquingKeysWith: +)
    usual = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? configured
    total = max(configured, usual)
  }

  /// The effort of a single comparison, for a check whose time reveals nothing.
  static let single = HashingEffort(configured: Bcrypt.costs.lowerBound, stored: [])

  /// The costs of the bcrypt runs of a check, the comparison first; `nil` stands for an invalid
  /// hash.
  func runs(for cost: Int?) -> [Int] {
    let first = cost ?? usual
    return [first] + Array(first..<max(first, total))
  }
}
