/// Why a connection cannot be used any more.
package struct SessionFault: Error, Equatable, Sendable {
  /// The cause, which decides how the mails are handled.
  package enum Blame: Equatable, Sendable {
    /// The server or the configuration: every mail would fail.
    case server
    /// Possibly the mail being sent, which is retried later.
    case mail
  }

  package let blame: Blame
  package let reason: String

  package init(_ blame: Blame, _ reason: String) {
    self.blame = blame
    self.reason = reason
  }
}
