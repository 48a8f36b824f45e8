/// A topic that `help` explains and that is not a command.
enum HelpTopic: String, CaseIterable, Sendable {
  case environment
  case exitCodes = "exit-codes"
  case formats

  var summary: String {
    switch self {
    case .environment: "Variables that regctl reads"
    case .exitCodes: "Exit codes and error codes"
    case .formats: "Text, JSON and tab-separated output"
    }
  }
}
