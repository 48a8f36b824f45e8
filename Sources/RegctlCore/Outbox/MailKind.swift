/// The kind of a mail, which determines its templates and placeholders.
package enum MailKind: String, CaseIterable, Sendable {
  /// A link that confirms the address of an account.
  case confirm
  /// A link to set a new password.
  case reset
  /// A link that confirms a new address, sent to that address.
  case changeEmail = "change-email"
  /// A notice of an address change to the old address, without a link.
  case changedNotice = "changed-notice"

  /// The purpose of the token in the mail; `nil` when there is none.
  package var purpose: TokenPurpose? {
    switch self {
    case .confirm: .confirm
    case .reset: .reset
    case .changeEmail: .changeEmail
    case .changedNotice: nil
    }
  }

  /// The placeholder for the link.
  var link: MailTemplate.Placeholder? {
    switch self {
    case .confirm: .confirmURL
    case .reset: .resetURL
    case .changeEmail: .changeEmailURL
    case .changedNotice: nil
    }
  }

  /// The placeholders allowed in templates of this kind.
  var placeholders: [MailTemplate.Placeholder] {
    (link.map { [$0] } ?? []) + [.email, .serviceName, .supportAddress]
      + (link == nil ? [] : [.expiresIn])
  }

  /// The subject when the template has none.
  var subject: String {
    switch self {
    case .confirm: "Please confirm your email"
    case .reset: "Set a new password"
    case .changeEmail: "Please confirm your new email"
    case .changedNotice: "Your email is being changed"
    }
  }
}
