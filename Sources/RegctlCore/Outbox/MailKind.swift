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
  /// A link by which a person who was registered sets a password, and so confirms the address.
  case invite
  /// The link that confirms an address once more, and when the account will be deleted.
  case reminder

  /// The purpose of the token in the mail; `nil` when there is none.
  package var purpose: TokenPurpose? {
    switch self {
    case .confirm, .reminder: .confirm
    case .reset, .invite: .reset
    case .changeEmail: .changeEmail
    case .changedNotice: nil
    }
  }

  /// The kinds with a link that confirms the address of an account.
  static let confirming: [MailKind] = allCases.filter { $0.listedPurpose == .confirm }

  /// The purpose with which the outbox lists the mail: an invitation is the confirmation mail of a
  /// person who has no password yet, and a notice is about a change.
  var listedPurpose: TokenPurpose {
    switch self {
    case .confirm, .invite, .reminder: .confirm
    case .reset: .reset
    case .changeEmail, .changedNotice: .changeEmail
    }
  }

  /// The placeholder for the link.
  var link: MailTemplate.Placeholder? {
    switch self {
    case .confirm, .reminder: .confirmURL
    case .reset: .resetURL
    case .invite: .inviteURL
    case .changeEmail: .changeEmailURL
    case .changedNotice: nil
    }
  }

  /// The placeholders allowed in templates of this kind.
  var placeholders: [MailTemplate.Placeholder] {
    (link.map { [$0] } ?? []) + [.email, .serviceName, .supportAddress]
      + (link == nil ? [] : [.expiresIn]) + (self == .reminder ? [.deletionDate] : [])
  }
}
