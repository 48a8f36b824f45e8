/// The reason why an operation on a mail is not possible.
package enum MailError: Error, Equatable, Sendable {
  case notFound(String)
  /// The state of the mail does not allow the operation.
  case settled(MailID, email: String, OutboxEntry.State)
  /// regctl does not send mail to its address.
  case unusableAddress(MailID, email: String)
  /// Its `Message-ID` does not have the form that regctl generates.
  case foreignMessageID(MailID)
}
