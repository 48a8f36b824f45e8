internal import RegctlCore

/// The result of a command besides its rows, and its exit code.
struct Summary {
  /// The members of the JSON object; after the list, if there is one.
  var fields: [ReportField] = []

  /// The requested information, one element a line.
  var answer: [String] = []

  /// Whether the requested information is for programs, so that its lines never change.
  var isForPrograms = false

  /// What was done, one sentence a line; `--quiet` omits them.
  var sentences: [String] = []

  /// Additional information on standard error; `--quiet` omits it.
  var notes: [String] = []

  /// Warnings on standard error; `--quiet` omits them.
  var warnings: [String] = []

  /// Failures of parts of the command.
  var failures: [Diagnostic] = []
  var exitCode: ExitCode = .ok

  /// The signal that stopped the command, which is raised again after all output.
  var signal: Int32?

  /// A suggested next command; shown on a terminal only.
  var next: ShellCommand?

  /// Creates an empty summary of a success.
  init() {}

  /// Creates a summary of a change.
  init(_ fields: [ReportField], _ sentences: String...) {
    self.fields = fields
    self.sentences = sentences
  }

  /// Creates a summary with requested information.
  init(_ fields: [ReportField] = [], answer: [String]) {
    self.fields = fields
    self.answer = answer
  }

  /// Makes a number the requested information.
  mutating func set(count: Int) {
    fields = [ReportField("count", ReportValue(count))]
    answer = ["\(count)"]
  }

  /// Adds a failure, which determines the exit code.
  mutating func fail(_ diagnostic: Diagnostic) {
    failures.append(diagnostic)
    exitCode = diagnostic.exitCode
  }
}
