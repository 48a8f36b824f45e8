internal import Base
internal import RegctlCore

/// Shows on a terminal how far long work is: what is done, of how much, how fast, and how long it will
/// still last.
final class WorkProgress {
  private let context: Context
  private let label: String

  /// What is counted, in the singular.
  private let noun: String

  /// The step that was shown last.
  private var step: Step?

  /// Whether there is a terminal to show it on.
  let isShown: Bool

  /// When the step began.
  private var start: ContinuousClock.Instant
  private var lastShown: ContinuousClock.Instant
  private var hasLine = false

  private static let interval = Duration.milliseconds(100)

  /// A part of the work, whose speed and remaining time are its own.
  struct Step: Equatable {
    let name: String

    /// What is counted in it, if that is not what the other steps count.
    var noun: String? = nil

    /// Rows are looked at, and nothing is changed yet.
    static let looking = Step(name: "looking")
    static let pruning = Step(name: "pruning")
  }

  /// Creates the progress of a command.
  init(of label: String, counting noun: String, in context: Context) {
    self.context = context
    self.label = label
    self.noun = noun
    isShown = context.terminal.errorIsTerminal && !context.globals.quiet
    start = context.stopwatch()
    // Work of less than a second shows no progress.
    lastShown = start + .seconds(1) - Self.interval
  }

  /// Shows how much is done, at most ten times a second. `total` is unknown for `nil`; then `share`
  /// can say how much of the whole that is, from 0 to 1.
  func show(_ done: Int, of total: Int? = nil, share: Double? = nil, in step: Step? = nil) {
    showAtTimes(in: step) { elapsed in
      line(
        done, of: total, share ?? total.map { $0 == 0 ? 1 : Double(done) / Double($0) },
        after: elapsed)
    }
  }

  /// Shows how long a step lasts of which it is not known how much is done.
  func show(_ step: Step) {
    showAtTimes(in: step) { elapsed in
      let seconds = elapsed.components.seconds
      return seconds == 0 ? step.name : "\(step.name), \(TextRenderer.words(.seconds(seconds)))"
    }
  }

  /// Erases the line, before anything else is printed.
  func end() {
    if hasLine { context.say("\r\u{1B}[K", .informational) }
    hasLine = false
  }

  private func showAtTimes(in step: Step?, _ words: (_ elapsed: Duration) -> String) {
    guard isShown else { return }
    let now = context.stopwatch()
    if step != self.step { (self.step, start) = (step, now) }
    guard now - lastShown > Self.interval else { return }
    lastShown = now
    hasLine = true
    context.say("\r\u{1B}[K\(fitting("\(label): \(words(now - start))"))", .informational)
  }

  private func line(
    _ done: Int, of total: Int?, _ share: Double?, after elapsed: Duration
  ) -> String {
    let seconds = max(Double(elapsed.components.seconds), 1)
    let noun = step?.noun ?? noun
    var parts = step.map { [$0.name] } ?? []
    parts.append(
      total.map { "\(done) of \(Plural.count($0, noun))" } ?? Plural.count(done, noun))
    if let share { parts.append("\(Int(share * 100)) %") }
    parts.append("\(Int(Double(done) / seconds))/s")
    if let share, share > 0, share < 1 {
      let left = Int64((seconds / share * (1 - share)).rounded(.up))
      parts.append("\(TextRenderer.words(.seconds(left))) left")
    }
    return parts.joined(separator: ", ")
  }

  /// A line of the terminal, in whose last column the cursor must not be.
  private func fitting(_ line: String) -> String {
    DisplayWidth.cut(line, to: max((context.terminal.size?.columns ?? 80) - 1, 1))
  }
}
