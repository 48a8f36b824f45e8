/// How urgent a line on standard error is, by the numbers of syslog (RFC 5424, section 6.2.1).
enum Severity: Int, Sendable {
  case error = 3
  case warning = 4
  case informational = 6

  /// How a service tells the journal. See sd-daemon(3).
  var journalPrefix: String { "<\(rawValue)>" }
}

extension Diagnostic {
  /// What passes by itself is a warning: the next run of a timer will do.
  var severity: Severity { exitCode == .temporary ? .warning : .error }
}
