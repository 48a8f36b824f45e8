package import Base
package import SMTP
internal import System

/// The effective settings.
package struct Configuration: Sendable {
  package enum Transport: String, CaseIterable, Sendable { case smtp, sendmail, maildir, stdout }
  package enum MailSecurity: String, CaseIterable, Sendable { case tls, starttls, none }

  package internal(set) var db = DatabaseLocation.file("")

  /// The path of the database where no setting names one.
  var defaultDatabase = ""
  package internal(set) var dbPasswordFile: String?

  /// The server itself, where `db` is the address of a pooler.
  package internal(set) var dbDeliver: DatabaseLocation?
  package internal(set) var users = UsersMapping.original
  package internal(set) var secretKeyFile: String?
  package internal(set) var securityPasswordSalt = ""
  package internal(set) var securityPasswordSaltFile: String?
  package internal(set) var resetSalt = ""
  package internal(set) var changeEmailSalt = ""
  package internal(set) var allowsWeakSecret = false
  package internal(set) var tokenMaxAge: Duration = .zero
  package internal(set) var tokenEpoch = TokenEpoch.unix
  package internal(set) var resetLink = ResetLink.bound
  package internal(set) var passwordPolicy = PasswordPolicy(bcryptCost: 0)
  package internal(set) var domainRule = EmailAddress.DomainRule.hostName
  package internal(set) var allowsSMTPUTF8 = false
  package internal(set) var denyDomainsFile: String?
  package internal(set) var confirmURL: ConfirmURL?
  package internal(set) var resetURL: ConfirmURL?
  package internal(set) var changeEmailURL: ConfirmURL?
  package internal(set) var inviteURL: ConfirmURL?
  package internal(set) var serviceName: String?
  package internal(set) var supportAddress: String?
  package internal(set) var mailTransport: Transport?
  package internal(set) var mailServer: String?
  package internal(set) var mailPort: Int?
  package internal(set) var mailSecurity: MailSecurity = .tls
  package internal(set) var mailUsername: String?
  package internal(set) var mailPasswordFile: String?
  package internal(set) var mailCAFile: String?
  package internal(set) var mailDefaultSender: Mailbox?
  package internal(set) var mailEnvelopeSender: String?
  package internal(set) var mailLanguage = MailLanguage.english
  package internal(set) var mailReplyTo: Mailbox?

  /// The path of a file with further header fields.
  package internal(set) var mailHeaders: String?

  /// The address to which every mail goes, for staging.
  package internal(set) var mailRedirectAll: String?
  package internal(set) var mailConnections = 0
  package internal(set) var mailTimeout: Duration = .zero
  package internal(set) var mailLifetime: Duration = .zero

  /// How many mails are sent in an hour; `nil` if there is no limit.
  package internal(set) var mailMaxPerHour: Int?

  /// How many times the usual number of confirmations in an hour is a flood; 0 if none is.
  package internal(set) var floodFactor = 0

  /// How long a mail may be due before a quiet `deliver` says so.
  package internal(set) var mailAlarmAfter: Duration = .zero

  /// The share of refused mails, in percent, up to which a quiet `deliver` is silent.
  package internal(set) var mailAlarmRefused = 0
  package internal(set) var sendmailPath = ""
  package internal(set) var maildirPath: String?
  package internal(set) var templatesDirectory: String?
  package internal(set) var resendInterval: Duration = .zero
  package internal(set) var resendMaxPerDay = 0
  package internal(set) var pruneAfter: TimeSpan = .never
  package internal(set) var pruneMax = 0
  package internal(set) var archiveKeep: TimeSpan = .never
  package internal(set) var outboxKeep: TimeSpan = .never
  package internal(set) var applicationMails = false

  /// Whether the application wants people to be logged in before they follow a link of confirmation.
  package internal(set) var confirmNeedsLogin = false
  package internal(set) var requiresReason = false
  package internal(set) var databaseZone: DatabaseZone?
  package internal(set) var busyTimeout: Duration = .zero

  /// Each setting's text and origin, in the order of the table; `nil` when it is not set.
  package internal(set) var effective: [EffectiveSetting] = []

  /// Secrets read before root switched to another user; `nil` when it did not.
  var heldSecrets: HeldSecrets?

  /// The origin of a setting.
  func origin(of key: String) -> ConfigurationError.Origin {
    effective.first { $0.key == key }?.origin ?? .builtIn
  }

  /// Whether `application_mails` is set, even to its default.
  package var saysWhoMails: Bool {
    effective.contains { $0.key == "application_mails" && $0.origin != .builtIn }
  }

  /// The key file: the setting, or `secret.key` beside the database.
  package var effectiveSecretKeyFile: String { secretKeyFile(for: db) }

  /// The key file where another database is configured.
  package func secretKeyFile(for location: DatabaseLocation) -> String {
    secretKeyFile ?? location.secretKeyFile(besideDefault: defaultDatabase)
  }

  /// The setting that names the link for a purpose, and the link if it is set.
  package func link(for purpose: TokenPurpose) -> (setting: String, url: ConfirmURL?) {
    switch purpose {
    case .confirm: ("confirm_url", confirmURL)
    case .reset: ("reset_url", resetURL)
    case .changeEmail: ("change_email_url", changeEmailURL)
    }
  }

  /// The transport: the setting, or SMTP when a server is named.
  package var effectiveTransport: Transport? { mailTransport ?? (mailServer == nil ? nil : .smtp) }

  /// The domain of the Message-IDs: that of the sender, else that of the links; `nil` when neither
  /// is configured, or when the host of the links is an IP address.
  package var messageDomain: String? {
    if let mailDefaultSender { return mailDefaultSender.domain }
    guard let host = confirmURL?.host, EmailAddress.isHostName(Array(host.utf8)[...]) else {
      return nil
    }
    return host
  }

  /// The link in mails of a kind.
  package func url(for kind: MailKind) -> ConfirmURL? {
    switch kind {
    case .confirm, .reminder: confirmURL
    case .reset: resetURL
    case .invite: inviteURL
    case .changeEmail: changeEmailURL
    case .changedNotice: nil
    }
  }
}

/// A setting as `config` shows it.
package struct EffectiveSetting: Equatable, Sendable {
  package let key: String
  package let value: String?
  package let origin: ConfigurationError.Origin
}
