internal import RegctlCore

extension WorkProgress {
  /// Takes reports on the copy of a whole database; `nil` where nothing is shown.
  var report: CopyProgress.Report? { isShown ? show : nil }

  private func show(_ copy: CopyProgress) {
    switch copy {
    case .checking: show(Step(name: "checking"))
    case .copying(let count): show(count, in: "copying")
    case .comparing(let count): show(count, in: "comparing")
    case .replacing(let count): show(count, in: "replacing")
    }
  }

  private func show(_ count: CopyProgress.Count, in name: String) {
    show(count.done, of: count.total, in: Step(name: name, noun: count.unit.rawValue))
  }
}
