/// Why a connection is of no further use.
package struct SessionFault: Error, Equatable, Sendable {
  /// Who is to blame, which decides what happens to the mails.
  package enum Blame: Equatable, Sendable {
    /// The server or the set-up: no mail would fare better.
    case server
    /// Perhaps the mail that was under way: it is tried again later.
    case mail
  }

  package let blame: Blame
  package let reason: String

  package init(_ blame: Blame, _ reason: String) {
    self.blame = blame
    self.reason = reason
  }
}
