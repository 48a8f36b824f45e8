/// Why a connection cannot be used any more.
package struct SessionFault: Error, Equatable, Sendable {
  /// The cause, which decides how the mails are handled.
  package enum Blame: Equatable, Sendable {
    /// The server or the configuration: every mail would fail.
    case server
    /// Possibly the mail being sent, which is retried later.
    case mail
  }

  /// What the server asks for and regctl does not know.
  package enum Remedy: Equatable, Sendable {
    /// AUTH by OAuth, which a program such as msmtp knows.
    case tokenAuthentication
  }

  package let blame: Blame
  package let reason: String

  /// What would help, if that is known.
  package let remedy: Remedy?

  package init(_ blame: Blame, _ reason: String, remedy: Remedy? = nil) {
    self.blame = blame
    self.reason = reason
    self.remedy = remedy
  }
}
