/// The accounts that were restored under a different ID, so that their earlier audit entries now
/// belong to the new ID.
struct AuditRenumberings {
  private struct Step {
    let new: Int64

    /// The entry that restored the account, and the one that removed it, the last of a prune run.
    /// Entries between the two with the old ID are about another account.
    let act: Int64
    let removedBy: Int64
  }

  /// The last audit entry of each prune run.
  private var runs: [Int64: Int64] = [:]

  /// The renumberings of each ID, in the order of their entries.
  private var steps: [Int64: [Step]] = [:]

  /// Adds an entry of a prune run; entries are added in ascending order.
  mutating func add(run: Int64, act: Int64) { runs[run] = act }

  /// Adds an entry that records a renumbering; entries are added in ascending order.
  mutating func add(_ renumbering: AuditRenumbering, act: Int64, new: Int64) {
    let removedBy: Int64? =
      switch renumbering.removal {
      case .prune(let run): runs[run]
      case .deletion(let entry): entry
      }
    guard let removedBy else { return }
    steps[renumbering.old, default: []].append(Step(new: new, act: act, removedBy: removedBy))
  }

  /// Whether an entry about one ID now belongs to another ID.
  func lead(from old: Int64, to new: Int64, act: Int64) -> Bool {
    // The entry from which each ID can be the account's; only later steps lead on from there.
    var reached = [old: act]
    var rest = [old]
    while let number = rest.popLast(), let moment = reached[number] {
      for step in steps[number] ?? [] where moment <= step.removedBy {
        if step.new == new { return true }
        if let earlier = reached[step.new], earlier <= step.act { continue }
        reached[step.new] = step.act
        rest.append(step.new)
      }
    }
    return false
  }
}
