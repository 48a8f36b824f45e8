internal import Base
internal import SMTP
internal import System

/// Composes the mail for a row of the outbox from the templates.
package struct MailComposer {
  /// The two templates of a kind of mail.
  private struct Templates {
    let kind: MailKind
    let text: MailTemplate
    let html: MailTemplate
  }

  private let templates: [Templates]
  private let configuration: Configuration
  private let sender: Mailbox
  private let serviceName: String
  private let supportAddress: String
  private let maxAge: Duration

  /// The address for bounces.
  let envelopeSender: String

  private static let maximumTemplateByteCount = 1 << 20

  /// Checks the settings required for mail and loads the templates.
  ///
  /// Templates must be trusted (`FileTrust`).
  package init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    guard let url = configuration.confirmURL else {
      throw .delivery(.missingSetting("confirm_url"))
    }
    guard let sender = configuration.mailDefaultSender else {
      throw .delivery(.missingSetting("mail_default_sender"))
    }
    self.configuration = configuration
    self.sender = sender
    envelopeSender = configuration.mailEnvelopeSender ?? sender.address
    serviceName = configuration.serviceName ?? url.host
    supportAddress = configuration.supportAddress ?? sender.address
    maxAge = configuration.tokenMaxAge
    let directory = configuration.templatesDirectory
    let trust = FileTrust(uid: uid)
    if let directory, try trust.check(directory).status == nil {
      throw .file(FileError(operation: "open", path: directory, code: FileError.missing))
    }
    templates = try MailKind.allCases.map { kind throws(RegctlError) in
      let builtIn = BuiltInTemplates.of(kind)
      return Templates(
        kind: kind,
        text: try Self.template(
          kind, in: directory, trust, else: builtIn.text, escaping: .none),
        html: try Self.template(
          kind, in: directory, trust, else: builtIn.html, escaping: .html))
    }
  }

  private static func template(
    _ kind: MailKind, in directory: String?, _ trust: FileTrust, else builtIn: String,
    escaping: MailTemplate.Escaping
  ) throws(RegctlError) -> MailTemplate {
    let name = "\(kind.rawValue).\(escaping == .html ? "html" : "txt")"
    var content = builtIn
    var source = name
    if let directory {
      let path = "\(directory)/\(name)"
      if let file = try trust.open(path) {
        let bytes = try fileAccess(file.read(atMost: maximumTemplateByteCount))
        guard bytes.count <= maximumTemplateByteCount else {
          throw .template(TemplateError(name: path, line: nil, fault: .tooLarge))
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw .template(TemplateError(name: path, line: nil, fault: .notUTF8))
        }
        (content, source) = (text, path)
      }
    }
    do throws(TemplateError) {
      return try MailTemplate(content, name: source, kind: kind, escaping: escaping)
    } catch {
      throw .template(error)
    }
  }

  /// The setting that a kind of mail requires and that is missing: that of its link.
  func missingSetting(for kind: MailKind) -> String? {
    kind.link != nil && configuration.url(for: kind) == nil ? kind.link?.rawValue : nil
  }

  /// Composes the mail to a mailbox, with a link that contains the token; its text names the address
  /// as the account has it.
  func compose(
    _ kind: MailKind, to mailbox: String, of address: String, messageID: String, token: String,
    at now: Instant
  ) -> Message {
    guard let templates = templates.first(where: { $0.kind == kind }) else {
      preconditionFailure("every kind has templates")
    }
    var values: [MailTemplate.Placeholder: String] = [
      .email: address, .serviceName: serviceName, .supportAddress: supportAddress,
      .expiresIn: maxAge.exactWords,
    ]
    if let link = kind.link { values[link] = configuration.url(for: kind)?.link(token: token) }
    return Message(
      from: sender, to: Mailbox(displayName: nil, address: mailbox),
      subject: templates.text.subject(filling: values)
        ?? templates.html.subject(filling: values) ?? kind.subject,
      date: now.seconds, messageID: messageID,
      text: templates.text.body(filling: values), html: templates.html.body(filling: values))
  }

  /// The domain of the sender.
  var senderDomain: String { sender.domain }
}
