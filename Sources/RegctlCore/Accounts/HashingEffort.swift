/// How much bcrypt a check of a password runs, so that its time does not tell what the account is.
///
/// A hash of cost c takes 2^c rounds, and a table may hold hashes of several costs. A check of a
/// hash of a lower cost than `total` goes on with as many rounds as are missing:
/// 2^c + (2^c + 2^(c+1) + … + 2^(d-1)) = 2^d.
package struct HashingEffort: Equatable, Sendable {
  /// The cost that most hashes of the table have, which stands for that of a missing one.
  let usual: Int

  /// The cost whose rounds every check runs at least.
  let total: Int

  /// The effort where new hashes have a cost and those of the table have some; of costs that are
  /// equally frequent the larger is the usual one.
  init(configured: Int, stored costs: [Int]) {
    let counts = Dictionary(costs.map { ($0, 1) }, uniquingKeysWith: +)
    usual = counts.max { ($0.value, $0.key) < ($1.value, $1.key) }?.key ?? configured
    total = max(configured, usual)
  }

  /// The effort of one comparison, for a check whose time does not matter.
  static let single = HashingEffort(configured: PasswordHash.costs.lowerBound, stored: [])

  /// The costs of the runs of a check, the comparison first; `nil` is the cost of an invalid hash.
  func runs(for cost: Int?) -> [Int] {
    let first = cost ?? usual
    return [first] + Array(first..<max(first, total))
  }
}
