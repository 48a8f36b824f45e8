internal import RegctlCore

/// Shows on a terminal which check of `doctor` runs, and how long it has lasted.
final class CheckProgress {
  private let progress: WorkProgress
  private var step: WorkProgress.Step?

  init(in context: Context) {
    progress = WorkProgress(of: Doctor.name, counting: "check", in: context)
  }

  func begin(_ check: String) {
    step = WorkProgress.Step(name: check)
    show()
  }

  /// Erases the line, before anything else is printed.
  func end() { progress.end() }

  /// Opens the database for a check, during which the time is shown.
  func store(
    _ configuration: Configuration, in context: Context
  ) throws(CommandError) -> Store {
    let store = try context.store(configuration, for: .strictlyReadOnly)
    if progress.isShown { store.observeWork { [self] in show() } }
    return store
  }

  private func show() {
    if let step { progress.show(step) }
  }
}
