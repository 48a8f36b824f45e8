internal import Base
internal import SMTP
internal import System

/// Composes the mail for a row of the outbox from the templates.
package struct MailComposer {
  private let templates: MailTemplates
  private let configuration: Configuration
  private let form: MailForm
  private let texts: MailTexts

  /// Checks the settings required for mail and loads the templates.
  ///
  /// Templates must be trusted (`FileTrust`).
  package init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    guard let url = configuration.confirmURL else {
      throw .delivery(.missingSetting("confirm_url"))
    }
    form = try MailForm(configuration, uid: uid)
    self.configuration = configuration
    texts = MailTexts(
      serviceName: configuration.serviceName ?? url.host,
      supportAddress: configuration.supportAddress ?? form.sender.address,
      maxAge: configuration.tokenMaxAge)
    templates = try MailTemplates(configuration, uid: uid)
  }

  /// The setting that a kind of mail requires and that is missing: that of its link.
  func missingSetting(for kind: MailKind) -> String? {
    kind.link != nil && configuration.url(for: kind) == nil ? kind.link?.rawValue : nil
  }

  /// What the text of a mail depends on besides the settings.
  struct Content {
    /// The address as the account has it.
    let address: String
    let token: String

    /// The language of the account; `nil` for the default one.
    var language: MailLanguage?

    /// When the account will be deleted if it is not confirmed.
    var deletion: Instant?
  }

  /// Composes the mail to a mailbox, with a link that contains the token.
  func compose(
    _ kind: MailKind, to mailbox: String, _ content: Content, messageID: String, envelopeID: String,
    at now: Instant
  ) -> Message {
    let (subject, text, html) = texts.fill(
      templates.pair(kind, in: content.language), of: kind, address: content.address,
      link: configuration.url(for: kind)?.link(token: content.token), deletion: content.deletion)
    return form.message(
      to: mailbox, subject: subject, date: now.seconds, messageID: messageID,
      envelopeID: envelopeID, text: text, html: html)
  }

  /// The domain of the sender.
  var senderDomain: String { form.sender.domain }

  /// The address for bounces.
  var envelopeSender: String { form.envelopeSender }

  /// Where the mail for an address goes.
  func recipient(of mailbox: String) -> String { form.recipient(of: mailbox) }
}
