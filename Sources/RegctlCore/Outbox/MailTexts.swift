/// Fills the templates of a mail with what they have in common for all mails, and with its own values.
struct MailTexts {
  let serviceName: String
  let supportAddress: String

  /// How long a link is valid.
  let maxAge: Duration

  /// The subject and both parts of a mail.
  func fill(
    _ templates: MailTemplates.Pair, of kind: MailKind, address: String, link: String?,
    deletion: Instant?
  ) -> (subject: String, text: String, html: String) {
    var values: [MailTemplate.Placeholder: String] = [
      .email: address, .serviceName: serviceName, .supportAddress: supportAddress,
      .expiresIn: templates.language.words(for: maxAge),
    ]
    if let deletion {
      values[.deletionDate] = templates.language.words(forDateOf: deletion)
    }
    if let placeholder = kind.link { values[placeholder] = link }
    return (
      templates.titled.subject(filling: values) ?? "", templates.text.body(filling: values),
      templates.html.body(filling: values)
    )
  }
}
