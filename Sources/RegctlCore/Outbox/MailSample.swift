internal import Base
internal import SMTP

/// A mail as it would be composed for a person who does not exist, to look at its templates.
package struct MailSample: Equatable, Sendable {
  package let subject: String
  package let text: String
  package let html: String

  /// The recipient of the sample.
  package static let address = "ann@example.org"

  /// As long as a token is, and none.
  private static let token =
    "ImFubkBleGFtcGxlLm9yZyI.sample.not-a-token-but-as-long"

  /// Composes a mail of a kind, in a language or in the default one, with the configured settings or
  /// sample values for those that are not set; all templates must be valid.
  package init(
    _ kind: MailKind, in language: MailLanguage?, _ configuration: Configuration, uid: UInt32,
    at now: Instant
  ) throws(RegctlError) {
    let link = configuration.url(for: kind)?.link(token: Self.token)
    let texts = MailTexts(
      serviceName: configuration.serviceName ?? configuration.confirmURL?.host ?? "app.example",
      supportAddress: configuration.supportAddress ?? configuration.mailDefaultSender?.address
        ?? "support@app.example",
      maxAge: configuration.tokenMaxAge)
    var deletion = now
    if case .finite(let age) = configuration.pruneAfter { deletion = now + age }
    (subject, text, html) = texts.fill(
      try MailTemplates(configuration, uid: uid).pair(kind, in: language), of: kind,
      address: Self.address,
      link: link ?? "https://app.example/\(kind.rawValue)/\(Self.token)", deletion: deletion)
  }
}
