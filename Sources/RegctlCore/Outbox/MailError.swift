/// The reason why an operation on a mail is not possible.
package enum MailError: Error, Equatable, Sendable {
  case notFound(String)
  /// The state of the mail does not allow the operation.
  case settled(MailID, email: String, OutboxEntry.State)
  /// No mail of the account is in a state that allows the operation; the states of its mails.
  case noneEligible(email: String, [OutboxEntry.State])
  /// Several mails of the account are, so that one must be chosen.
  case severalEligible(email: String, count: Int)
  /// regctl does not send mail to its address.
  case unusableAddress(MailID, email: String)
  /// The mail is being sent, so that what is reported of it cannot be recorded yet.
  case underWay(MailID)
  /// Its `Message-ID` does not have the form that regctl generates.
  case foreignMessageID(MailID)
}
