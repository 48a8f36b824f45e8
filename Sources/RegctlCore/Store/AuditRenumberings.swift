/// Which accounts came back under another number, so that the acts on them of before belong to that
/// number now.
struct AuditRenumberings {
  private struct Step {
    let new: Int64

    /// The act that brought the account back, and the last of those that pruned it and others. What
    /// was written between the two about the old number was about another account.
    let act: Int64
    let prunedBy: Int64
  }

  /// The last act of each run of prune.
  private var runs: [Int64: Int64] = [:]

  /// The steps away from each number, in the order of their acts.
  private var steps: [Int64: [Step]] = [:]

  /// Adds an act of a run of prune, later than all before.
  mutating func add(run: Int64, act: Int64) { runs[run] = act }

  /// Adds what an act says, later than all before: that an account had another number.
  mutating func add(_ renumbering: AuditRenumbering, act: Int64, new: Int64) {
    guard let prunedBy = runs[renumbering.run] else { return }
    steps[renumbering.old, default: []].append(Step(new: new, act: act, prunedBy: prunedBy))
  }

  /// Whether what an act says of one number belongs to another by now.
  func lead(from old: Int64, to new: Int64, act: Int64) -> Bool {
    // Since when each number can be that of the account; from there only later steps lead on.
    var reached = [old: act]
    var rest = [old]
    while let number = rest.popLast(), let moment = reached[number] {
      for step in steps[number] ?? [] where moment <= step.prunedBy {
        if step.new == new { return true }
        if let earlier = reached[step.new], earlier <= step.act { continue }
        reached[step.new] = step.act
        rest.append(step.new)
      }
    }
    return false
  }
}
