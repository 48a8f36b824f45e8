internal import Base
internal import SMTP

/// A key of `regctl.conf`: its default, its meaning, and how its value is parsed.
package struct Setting: Sendable {
  package let key: String

  /// The text of the default; `nil` when there is none or it depends on something else.
  package let defaultText: String?

  /// The description of a default without a fixed text.
  package let defaultMeaning: String?
  package let meaning: String

  /// Whether the setting names a secret file, which systemd may provide as a credential.
  package let namesSecretFile: Bool

  /// Parses a text and sets the value.
  let apply: @Sendable (inout Configuration, String) throws(ConfigurationError.ValueFault) -> Void

  /// The environment variable that sets it.
  package var variable: String { Self.variablePrefix + key.uppercased() }

  static let variablePrefix = "REGCTL_"

  private init(
    _ key: String, default defaultText: String? = nil, unset: String? = nil, _ meaning: String,
    secret: Bool = false,
    apply:
      @escaping @Sendable (inout Configuration, String) throws(ConfigurationError.ValueFault) ->
      Void
  ) {
    self.key = key
    self.defaultText = defaultText
    self.defaultMeaning = unset
    self.meaning = meaning
    self.namesSecretFile = secret
    self.apply = apply
  }

  /// The setting with a key.
  package static func named(_ key: String) -> Setting? { all.first { $0.key == key } }

  /// What to write instead of a key of the original application, or of an earlier version.
  static func replacement(for key: String) -> String? {
    switch key {
    case "mail_use_ssl": "mail_security = tls"
    case "mail_use_tls": "mail_security = starttls"
    case "legacy_timezone": "db_timezone"
    default: nil
    }
  }

  /// All settings, in the order of the manual.
  package static let all: [Setting] = [
    Setting("db", unset: "depends on the user", "Database: a file, or postgresql://host/name") {
      (c, t) throws(ConfigurationError.ValueFault) in c.db = try DatabaseLocation(t)
    },
    Setting(
      "db_password_file", unset: "none", "File with the password for the database server",
      secret: true
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.dbPasswordFile = try path(t) },
    Setting("db_deliver", unset: "none", "Address for deliver, where db is that of a pooler") {
      (c, t) throws(ConfigurationError.ValueFault) in
      let location = try DatabaseLocation(t)
      guard case .server = location else { throw .notAServer }
      c.dbDeliver = location
    },
    Setting(
      "secret_key_file", unset: "secret.key beside the database",
      "File with the signing keys, one a line, oldest first", secret: true
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.secretKeyFile = try path(t) },
    Setting("security_password_salt", default: "email-confirm", "Salt of confirmation tokens") {
      (c, t) throws(ConfigurationError.ValueFault) in c.securityPasswordSalt = try line(t)
    },
    Setting(
      "security_password_salt_file", unset: "none", "File with that salt, in its last line",
      secret: true
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.securityPasswordSaltFile = try path(t) },
    Setting("reset_salt", default: "password-reset", "Salt of password reset tokens") {
      (c, t) throws(ConfigurationError.ValueFault) in c.resetSalt = try line(t)
    },
    Setting("change_email_salt", default: "change-email", "Salt of change of address tokens") {
      (c, t) throws(ConfigurationError.ValueFault) in c.changeEmailSalt = try line(t)
    },
    Setting("allow_weak_secret", default: "no", "Accept short or sample secrets: yes or no") {
      (c, t) throws(ConfigurationError.ValueFault) in c.allowsWeakSecret = try boolean(t)
    },
    Setting("token_max_age", default: "1h", "Lifetime of a link") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.tokenMaxAge = try duration(t, likelyUnit: "s")
    },
    Setting("token_epoch", default: "unix", "What tokens count seconds from: unix or 2011") {
      (c, t) throws(ConfigurationError.ValueFault) in c.tokenEpoch = try choice(t, TokenEpoch.self)
    },
    Setting("users_table", default: "users", "Table of accounts, as the application names it") {
      (c, t) throws(ConfigurationError.ValueFault) in c.users.table = try line(t)
    },
    Setting(
      "users_columns", unset: "none", "Columns with other names: password=password_hash …"
    ) { (c, t) throws(ConfigurationError.ValueFault) in
      let line = try line(t)
      do throws(UsersMapping.Fault) {
        try c.users.setColumns(line)
      } catch {
        throw .columns(error)
      }
    },
    Setting("reset_link", default: "bound", "Links for a new password: bound or application") {
      (c, t) throws(ConfigurationError.ValueFault) in c.resetLink = try choice(t, ResetLink.self)
    },
    Setting(
      "password_scheme", default: "bcrypt",
      "Function of a new hash: bcrypt, or Werkzeug's scrypt or pbkdf2"
    ) { (c, t) throws(ConfigurationError.ValueFault) in
      c.passwordPolicy.scheme = try choice(t, PasswordPolicy.Scheme.self)
    },
    Setting("bcrypt_cost", default: "13", "Cost of a new bcrypt hash, 4 to 15") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.passwordPolicy.bcryptCost = try integer(t, in: Bcrypt.costs)
    },
    Setting("bcrypt_prefix", default: "auto", "Prefix of a new bcrypt hash: auto, 2a or 2b") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.passwordPolicy.bcryptPrefix = try choice(t, PasswordPolicy.BcryptPrefix.self)
    },
    Setting(
      "long_passwords", default: "refuse",
      "Passwords beyond 72 bytes: refuse, truncate, or hash all with sha256 first"
    ) { (c, t) throws(ConfigurationError.ValueFault) in
      c.passwordPolicy.longPasswords = try choice(t, PasswordPolicy.LongPasswords.self)
    },
    Setting("password_min_length", default: "8", "Fewest characters of a new password") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.passwordPolicy.minimumCharacterCount = try integer(t, in: 1...72)
    },
    Setting(
      "allow_underscore_domains", default: "no",
      "Register addresses such as ann@my_host.example: yes or no"
    ) { (c, t) throws(ConfigurationError.ValueFault) in
      c.domainRule = try boolean(t) ? .underscores : .hostName
    },
    Setting(
      "allow_smtputf8", default: "no",
      "Addresses with other letters than ASCII's before the @: yes or no"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.allowsSMTPUTF8 = try boolean(t) },
    Setting(
      "deny_domains_file", unset: "none",
      "File of domains whose addresses are refused, one a line"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.denyDomainsFile = try path(t) },
    Setting(
      "confirm_url", unset: "none",
      "Link to mail, with {token}: https://app.example/confirm/{token}"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.confirmURL = try ConfirmURL(t) },
    Setting("reset_url", unset: "none", "Link of mails that reset a password, with {token}") {
      (c, t) throws(ConfigurationError.ValueFault) in c.resetURL = try ConfirmURL(t)
    },
    Setting(
      "change_email_url", unset: "none", "Link of mails that change an address, with {token}"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.changeEmailURL = try ConfirmURL(t) },
    Setting("invite_url", unset: "none", "Link of mails that invite a person, with {token}") {
      (c, t) throws(ConfigurationError.ValueFault) in c.inviteURL = try ConfirmURL(t)
    },
    Setting("service_name", unset: "host of confirm_url", "Name of the service in mails") {
      (c, t) throws(ConfigurationError.ValueFault) in c.serviceName = try line(t)
    },
    Setting("support_address", unset: "address of the sender", "Where a reader may ask") {
      (c, t) throws(ConfigurationError.ValueFault) in c.supportAddress = try address(t)
    },
    Setting(
      "mail_transport", unset: "smtp if mail_server is set, else none",
      "How mail leaves: smtp, sendmail, maildir or stdout"
    ) { (c, t) throws(ConfigurationError.ValueFault) in
      c.mailTransport = try choice(t, Configuration.Transport.self)
    },
    Setting("mail_server", unset: "none", "SMTP server") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailServer = try line(t)
    },
    Setting("mail_port", unset: "465, 587 or 25 by mail_security", "Port of the SMTP server") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailPort = try integer(t, in: 1...65_535)
    },
    Setting(
      "mail_security", default: "tls", "tls, starttls, or none (loopback only)"
    ) { (c, t) throws(ConfigurationError.ValueFault) in
      c.mailSecurity = try choice(t, Configuration.MailSecurity.self)
    },
    Setting("mail_username", unset: "none", "User name at the SMTP server") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailUsername = try line(t)
    },
    Setting("mail_password_file", unset: "none", "File with the SMTP password", secret: true) {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailPasswordFile = try path(t)
    },
    Setting("mail_ca_file", unset: "the system's", "Certificate authorities to trust") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailCAFile = try path(t)
    },
    Setting(
      "mail_default_sender", unset: "none", "Sender of mails: address or Name <address>"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.mailDefaultSender = try mailbox(t) },
    Setting(
      "mail_envelope_sender", unset: "address of mail_default_sender", "Where bounces go"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.mailEnvelopeSender = try address(t) },
    Setting("mail_language", default: "en", "Language of mails to accounts without one") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailLanguage = try language(t)
    },
    Setting("mail_reply_to", unset: "none", "Where answers go: address or Name <address>") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailReplyTo = try mailbox(t)
    },
    Setting("mail_headers", unset: "none", "File with further headers of mails, one a line") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailHeaders = try path(t)
    },
    Setting("mail_redirect_all", unset: "none", "Send every mail to this address, for staging") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailRedirectAll = try address(t)
    },
    Setting("mail_connections", default: "4", "SMTP connections at once") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailConnections = try integer(t, in: 1...64)
    },
    Setting("mail_timeout", default: "60s", "Time limit of a step, at least 1s") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.mailTimeout = try duration(t, likelyUnit: "s")
      guard c.mailTimeout > .zero else { throw .empty }
    },
    Setting("mail_lifetime", default: "2d", "How long a mail is tried") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailLifetime = try duration(t)
    },
    Setting("mail_max_per_hour", unset: "none", "How many mails are sent in an hour") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.mailMaxPerHour = try integer(t, in: 1...1_000_000)
    },
    Setting("flood_factor", default: "10", "How many times the usual confirmations are held") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.floodFactor = try integer(t, in: 0...1_000_000)
    },
    Setting("mail_alarm_after", default: "1h", "How long mail may be due before an alarm") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.mailAlarmAfter = try duration(t, likelyUnit: "h")
    },
    Setting("mail_alarm_refused", default: "5%", "Share of refused mails without an alarm") {
      (c, t) throws(ConfigurationError.ValueFault) in c.mailAlarmRefused = try percentage(t)
    },
    Setting("sendmail_path", default: "/usr/sbin/sendmail", "Program of the sendmail transport") {
      (c, t) throws(ConfigurationError.ValueFault) in c.sendmailPath = try path(t)
    },
    Setting("maildir_path", unset: "none", "Maildir of the maildir transport") {
      (c, t) throws(ConfigurationError.ValueFault) in c.maildirPath = try path(t)
    },
    Setting("templates_dir", unset: "built-in templates", "Directory of your own templates") {
      (c, t) throws(ConfigurationError.ValueFault) in c.templatesDirectory = try path(t)
    },
    Setting("resend_interval", default: "120s", "Least time between two mails to an account") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.resendInterval = try duration(t, likelyUnit: "s")
    },
    Setting("resend_max_per_day", default: "5", "Most resends to an account in 24 hours") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.resendMaxPerDay = try integer(t, in: 1...1000)
    },
    Setting("prune_after", default: "14d", "Age at which an unconfirmed account is stale") {
      (c, t) throws(ConfigurationError.ValueFault) in c.pruneAfter = try timeSpan(t)
    },
    Setting("prune_max", default: "1000", "Most accounts that one prune may delete") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.pruneMax = try integer(t, in: 1...1_000_000_000)
    },
    Setting("archive_keep", default: "90d", "How long deleted and pruned accounts can be restored")
    {
      (c, t) throws(ConfigurationError.ValueFault) in c.archiveKeep = try timeSpan(t)
    },
    Setting("outbox_keep", default: "52w", "How long mails are kept that are sent or given up") {
      (c, t) throws(ConfigurationError.ValueFault) in c.outboxKeep = try timeSpan(t)
    },
    Setting(
      "application_mails", default: "no",
      "Whether the application mails its links itself: yes or no"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.applicationMails = try boolean(t) },
    Setting(
      "confirm_needs_login", default: "no",
      "Whether people must be logged in to confirm: yes or no"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.confirmNeedsLogin = try boolean(t) },
    Setting(
      "require_reason", default: "no", "Whether every change needs a --reason: yes or no"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.requiresReason = try boolean(t) },
    Setting(
      "db_timezone", unset: "UTC in a new database",
      "Time zone of the dates in the database: Europe/Berlin"
    ) { (c, t) throws(ConfigurationError.ValueFault) in c.databaseZone = try zone(t) },
    Setting("busy_timeout", default: "5s", "How long to wait for another writer") {
      (c, t) throws(ConfigurationError.ValueFault) in
      c.busyTimeout = try duration(t, likelyUnit: "s")
    },
  ]
}

// Parsing of values.
extension Setting {
  /// One line of text, not empty, without control bytes.
  private static func line(_ text: String) throws(ConfigurationError.ValueFault) -> String {
    guard !text.isEmpty else { throw .empty }
    guard !text.utf8.contains(where: \.isControl) else { throw .controlByte }
    return text
  }

  private static func path(_ text: String) throws(ConfigurationError.ValueFault) -> String {
    guard !text.isEmpty else { throw .empty }
    guard !text.utf8.contains(0) else { throw .controlByte }
    return text
  }

  private static func boolean(_ text: String) throws(ConfigurationError.ValueFault) -> Bool {
    switch text {
    case "yes", "true", "1", "on": return true
    case "no", "false", "0", "off": return false
    default: throw .boolean
    }
  }

  private static func integer(
    _ text: String, in range: ClosedRange<Int>
  ) throws(ConfigurationError.ValueFault) -> Int {
    guard text.utf8.allSatisfy(\.isDigit), let number = Int(text), range.contains(number)
    else { throw .range(range) }
    return number
  }

  private static func percentage(_ text: String) throws(ConfigurationError.ValueFault) -> Int {
    guard text.utf8.last == UInt8(ascii: "%") else { throw .percentage }
    return try integer(String(text.dropLast()), in: 0...100)
  }

  private static func timeSpan(
    _ text: String, likelyUnit: String = "d"
  ) throws(ConfigurationError.ValueFault) -> TimeSpan {
    do throws(TimeSpan.Fault) {
      return try TimeSpan(text, likelyUnit: likelyUnit)
    } catch {
      throw .duration(error)
    }
  }

  private static func duration(
    _ text: String, likelyUnit: String = "d"
  ) throws(ConfigurationError.ValueFault) -> Duration {
    guard case .finite(let duration) = try timeSpan(text, likelyUnit: likelyUnit) else {
      throw .neverNotAllowed
    }
    return duration
  }

  private static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ text: String, _ type: Choice.Type
  ) throws(ConfigurationError.ValueFault) -> Choice {
    guard let choice = Choice(rawValue: text) else {
      throw .choice(Choice.allCases.map(\.rawValue))
    }
    return choice
  }

  private static func zone(_ text: String) throws(ConfigurationError.ValueFault) -> DatabaseZone {
    do throws(DatabaseZone.Fault) {
      return try DatabaseZone(text)
    } catch {
      throw .zone(error)
    }
  }

  private static func language(
    _ text: String
  ) throws(ConfigurationError.ValueFault) -> MailLanguage {
    do throws(MailLanguage.Fault) {
      return try MailLanguage(text)
    } catch {
      throw .language
    }
  }

  /// An address as mail programs read it: with the domain in A-labels.
  private static func address(_ text: String) throws(ConfigurationError.ValueFault) -> String {
    do throws(AddressError) {
      return try EmailAddress(text).mailbox
    } catch {
      throw .address(error.fault)
    }
  }

  /// `address` or `Name <address>`; the name may be in double quotes.
  private static func mailbox(_ text: String) throws(ConfigurationError.ValueFault) -> Mailbox {
    let line = try line(text)
    let bytes = Array(line.utf8)
    guard let opening = bytes.lastIndex(of: UInt8(ascii: "<")) else {
      return Mailbox(displayName: nil, address: try address(line))
    }
    guard bytes.last == UInt8(ascii: ">") else { throw .mailbox }
    var name = bytes[..<opening]
    while let last = name.last, last == UInt8(ascii: " ") { name.removeLast() }
    if name.count >= 2, name.first == UInt8(ascii: "\""), name.last == UInt8(ascii: "\"") {
      name = name.dropFirst().dropLast()
    }
    guard !name.contains(where: { "<>\"".utf8.contains($0) }) else { throw .displayName }
    let inside = String(decoding: bytes[(opening + 1)..<(bytes.count - 1)], as: UTF8.self)
    return Mailbox(
      displayName: name.isEmpty ? nil : String(decoding: name, as: UTF8.self),
      address: try address(inside))
  }
}
