/// What a mail is about, which decides its templates and what it must hold.
package enum MailKind: String, CaseIterable, Sendable {
  /// The link that confirms the address of an account.
  case confirm
  /// The link that lets the owner of an account set a new password.
  case reset
  /// The link that confirms a new address, sent to it.
  case changeEmail = "change-email"
  /// Tells the old address of a change; it holds no link.
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

  /// The place in a template that is filled in with the link.
  var link: MailTemplate.Placeholder? {
    switch self {
    case .confirm: .confirmURL
    case .reset: .resetURL
    case .changeEmail: .changeEmailURL
    case .changedNotice: nil
    }
  }

  /// What a template of this kind may name.
  var placeholders: [MailTemplate.Placeholder] {
    (link.map { [$0] } ?? []) + [.email, .serviceName, .supportAddress]
      + (link == nil ? [] : [.expiresIn])
  }

  /// The subject when no template has one.
  var subject: String {
    switch self {
    case .confirm: "Please confirm your email"
    case .reset: "Set a new password"
    case .changeEmail: "Please confirm your new email"
    case .changedNotice: "Your email is being changed"
    }
  }
}
