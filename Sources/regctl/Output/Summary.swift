internal import RegctlCore

/// What is known when a command has done its work, and how it ended.
struct Summary {
  /// The members of the JSON object; behind the list, if there is one.
  var fields: [ReportField] = []

  /// What was asked for, a line each.
  var answer: [String] = []

  /// What was done, a sentence a line; `--quiet` drops them.
  var sentences: [String] = []

  /// What was done besides, for people on standard error; `--quiet` drops it.
  var notes: [String] = []

  /// What may be wrong, for people on standard error; `--quiet` drops it.
  var warnings: [String] = []

  /// What failed although the rest was done.
  var failures: [Diagnostic] = []
  var exitCode: ExitCode = .ok

  /// The signal that asked the command to end, and of which it dies when all is printed.
  var signal: Int32?

  /// What could be typed next; shown only on a terminal.
  var next: ShellCommand?

  /// Success about which nothing more is to be printed.
  init() {}

  /// What was done.
  init(_ fields: [ReportField], _ sentences: String...) {
    self.fields = fields
    self.sentences = sentences
  }

  /// An answer.
  init(_ fields: [ReportField] = [], answer: [String]) {
    self.fields = fields
    self.answer = answer
  }

  /// Adds a failure, which decides the exit code.
  mutating func fail(_ diagnostic: Diagnostic) {
    failures.append(diagnostic)
    exitCode = diagnostic.exitCode
  }
}
