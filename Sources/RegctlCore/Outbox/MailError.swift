/// Why an operator cannot do something to a mail.
package enum MailError: Error, Equatable, Sendable {
  case notFound(String)
  /// It is in a state in which that makes no sense.
  case settled(MailID, email: String, OutboxEntry.State)
  /// Its address is not one that regctl mails to.
  case unusableAddress(MailID, email: String)
  /// Its `Message-ID` is not one that regctl makes.
  case foreignMessageID(MailID)
}
