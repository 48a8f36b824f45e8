internal import SMTP

/// Makes the mail for a row of the outbox: fills in the templates and mints the token.
package struct MailComposer {
  private let text: MailTemplate
  private let html: MailTemplate
  private let url: ConfirmURL
  private let sender: Mailbox
  private let serviceName: String
  private let supportAddress: String
  private let maxAge: Duration

  /// The address that bounces go to.
  let envelopeSender: String

  private static let maximumTemplateByteCount = 1 << 20

  /// Checks the settings that a mail needs and loads the templates.
  package init(_ configuration: Configuration) throws(RegctlError) {
    guard let url = configuration.confirmURL else {
      throw .delivery(.missingSetting("confirm_url"))
    }
    guard let sender = configuration.mailDefaultSender else {
      throw .delivery(.missingSetting("mail_default_sender"))
    }
    self.url = url
    self.sender = sender
    envelopeSender = configuration.mailEnvelopeSender ?? sender.address
    serviceName = configuration.serviceName ?? url.host
    supportAddress = configuration.supportAddress ?? sender.address
    maxAge = configuration.tokenMaxAge
    let directory = configuration.templatesDirectory
    text = try Self.template(
      "confirm.txt", in: directory, builtIn: BuiltInTemplates.confirmText, escaping: .none)
    html = try Self.template(
      "confirm.html", in: directory, builtIn: BuiltInTemplates.confirmHTML, escaping: .html)
  }

  private static func template(
    _ name: String, in directory: String?, builtIn: String, escaping: MailTemplate.Escaping
  ) throws(RegctlError) -> MailTemplate {
    var content = builtIn
    var source = name
    if let directory {
      guard try FileSystem.status(of: directory) != nil else {
        throw .file(FileError(operation: "open", path: directory, code: FileError.missing))
      }
      let path = "\(directory)/\(name)"
      if try FileSystem.status(of: path) != nil {
        let bytes = try FileSystem.read(path, atMost: maximumTemplateByteCount)
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw .template(TemplateError(name: path, line: nil, fault: .notUTF8))
        }
        (content, source) = (text, path)
      }
    }
    do throws(TemplateError) {
      return try MailTemplate(content, name: source, escaping: escaping)
    } catch {
      throw .template(error)
    }
  }

  /// The mail to an account with a token that is minted now.
  func compose(
    to account: Account, messageID: String, token: String, at now: Instant
  ) -> Message {
    let values: [MailTemplate.Placeholder: String] = [
      .confirmURL: url.link(token: token),
      .email: account.email, .serviceName: serviceName, .supportAddress: supportAddress,
      .expiresIn: Self.words(for: maxAge),
    ]
    return Message(
      from: sender, to: Mailbox(displayName: nil, address: account.email),
      subject: text.subject(filling: values) ?? html.subject(filling: values)
        ?? "Please confirm your email",
      date: now.seconds, messageID: messageID,
      text: text.body(filling: values), html: html.body(filling: values))
  }

  /// The domain of the sender.
  var senderDomain: String {
    let domain = sender.address.utf8.split(separator: UInt8(ascii: "@")).last ?? [][...]
    return String(decoding: domain, as: UTF8.self)
  }

  /// A length of time in words: `1 hour`, `2 days`.
  private static func words(for span: Duration) -> String {
    let seconds = span.wholeSeconds
    let units: [(String, Int64)] = [("day", 86_400), ("hour", 3600), ("minute", 60), ("second", 1)]
    let (unit, length) = units.first { seconds >= $0.1 && seconds % $0.1 == 0 } ?? ("second", 1)
    let count = seconds / length
    return "\(count) \(unit)\(count == 1 ? "" : "s")"
  }
}
