internal import RegctlCore

/// Counts successes and failures of a list of any length, and keeps the first failures.
final class FailureCount {
  private let context: Context
  private var succeeded = 0
  private var failed = 0
  private var failures: [Diagnostic] = []

  /// The maximum number of failures that are printed individually.
  static let keptFailures = 100

  private let limit: Int

  /// Creates a count that keeps the first failures up to a limit.
  init(in context: Context, keeping limit: Int = keptFailures) {
    self.context = context
    self.limit = limit
  }

  /// How many were counted.
  var total: Int { succeeded + failed }

  func succeed(_ count: Int = 1) { succeeded += count }

  /// Counts a failure and returns its message.
  @discardableResult
  func fail(_ error: CommandError) -> Diagnostic {
    failed += 1
    let diagnostic = context.diagnostic(error)
    if failures.count < limit { failures.append(diagnostic) }
    return diagnostic
  }

  /// Counts a failure that the list itself contains.
  func countFailure() { failed += 1 }

  /// The summary with the kept failures and their total; a success if there was none.
  var summary: Summary {
    var summary = Summary()
    if failed == 0 { return summary }
    summary.failures = failures
    summary.fail(.partial(failed: failed, of: total))
    return summary
  }
}

extension Diagnostic {
  /// The diagnostic for several operands of which some failed; each failure was printed before.
  static func partial(failed: Int, of count: Int) -> Diagnostic {
    Diagnostic(.partial, .refused, "\(failed) of \(count) failed")
  }
}
