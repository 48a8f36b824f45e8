/// An attempt at which a mail was not accepted.
package struct DeliveryAttempt: Equatable, Sendable {
  /// How it ended.
  package enum Result: String, CaseIterable, Sendable {
    /// There will be another attempt.
    case deferred
    /// Permanently rejected.
    case failed
    /// The process died, so that the mail may have been accepted.
    case interrupted
  }

  package let mail: MailID

  /// The number of the attempt among all at the mail, counted from 1.
  package let number: Int

  /// When the result was known.
  package let at: Instant
  package let result: Result

  /// The words of the server, or of the transport.
  package let reply: String?

  package init(mail: MailID, number: Int, at: Instant, result: Result, reply: String?) {
    self.mail = mail
    self.number = number
    self.at = at
    self.result = result
    self.reply = reply
  }
}
