/// The severity of a line on standard error, as in syslog (RFC 5424, section 6.2.1).
enum Severity: Int, Sendable {
  case error = 3
  case warning = 4
  case informational = 6

  /// The prefix of a line for the journal. See sd-daemon(3).
  var journalPrefix: String { "<\(rawValue)>" }
}

extension Diagnostic {
  /// The severity; a temporary failure is a warning, since the next run of a timer retries.
  var severity: Severity { exitCode == .temporary ? .warning : .error }
}
