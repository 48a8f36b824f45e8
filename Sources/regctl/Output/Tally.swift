/// Counts what succeeded and failed in a list that may be long, and keeps the first failures.
final class Tally {
  private let context: Context
  private var succeeded = 0
  private var failed = 0
  private var failures: [Diagnostic] = []
  /// How many failures are said one by one.
  static let keptFailures = 100

  init(context: Context) { self.context = context }

  func succeed(_ count: Int = 1) { succeeded += count }

  /// Counts a failure and returns its words.
  @discardableResult
  func fail(_ error: CommandError) -> Diagnostic {
    failed += 1
    let diagnostic = Diagnostic(error, now: context.now, isVerbose: context.globals.verbose)
    if failures.count < Self.keptFailures { failures.append(diagnostic) }
    return diagnostic
  }

  /// Counts a failure that the list itself shows.
  func countFailure() { failed += 1 }

  /// Every kept failure and how many there were.
  var conclusion: Report.Conclusion {
    guard failed > 0 else { return .success }
    return Report.Conclusion(
      failures: failures + [.partial(failed: failed, of: failed + succeeded)], exitCode: .refused)
  }
}
