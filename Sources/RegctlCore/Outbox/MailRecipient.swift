/// The account that a mail is for, with what its token depends on.
struct MailRecipient {
  let account: Account

  /// Tokens that were issued before this second are revoked.
  let notBefore: Int64

  /// The language of the account; `nil` when it has none.
  let language: MailLanguage?
}
