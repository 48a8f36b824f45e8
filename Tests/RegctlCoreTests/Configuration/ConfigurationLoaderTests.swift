import Base
import Glibc
import SMTP
import TestSupport
import Testing

@testable import RegctlCore

@Suite("ConfigurationLoader") struct ConfigurationLoaderTests {
  private let directory: TemporaryDirectory

  init() throws { directory = try TemporaryDirectory() }

  private func load(
    _ content: String? = nil, environment: [String: String] = [:], options: [String: String] = [:],
    uid: UInt32 = geteuid()
  ) throws -> Configuration {
    let file = "\(directory.path)/regctl.conf"
    if let content {
      unlink(file)
      try directory.write("regctl.conf", content)
    }
    return try ConfigurationLoader.load(
      options, environment: environment, file: content == nil ? "none" : file, uid: uid)
  }

  private func origin(of key: String, in configuration: Configuration) throws
    -> ConfigurationError.Origin
  {
    try #require(configuration.effective.first { $0.key == key }).origin
  }

  /// Loads one setting given as an option and returns the error.
  private func fault(_ key: String, _ value: String) throws -> ConfigurationError.ValueFault {
    let error = try refusal { _ = try load(options: [key: value]) }
    guard case .configuration(let configuration) = error,
      case .value(key, value, let fault) = configuration.fault
    else { throw error }
    return fault
  }

  // MARK: Precedence

  @Test func `precedence is option, variable, file, default`() throws {
    let content = "token_max_age = 3h"
    let environment = ["REGCTL_TOKEN_MAX_AGE": "2h"]
    let configurations = [
      try load(), try load(content), try load(content, environment: environment),
      try load(content, environment: environment, options: ["token_max_age": "1m"]),
    ]
    #expect(
      configurations.map(\.tokenMaxAge) == [
        .seconds(3600), .seconds(10_800), .seconds(7200), .seconds(60),
      ])
  }

  @Test func `a credential comes between variable and file`() throws {
    let path = try directory.write("secret_key_file", "x")
    let environment = ["CREDENTIALS_DIRECTORY": directory.path]
    let content = "secret_key_file = from.file"
    let configuration = try load(content, environment: environment)
    #expect(configuration.secretKeyFile == path)
    #expect(try origin(of: "secret_key_file", in: configuration) == .credential(path: path))
    let variable = ["REGCTL_SECRET_KEY_FILE": "from.variable"]
    let beaten = try load(environment: environment.merging(variable) { $1 })
    #expect(beaten.secretKeyFile == "from.variable")
  }

  @Test func `settings without a secret are not credentials`() throws {
    try directory.write("confirm_url", "x")
    let configuration = try load(environment: ["CREDENTIALS_DIRECTORY": directory.path])
    #expect(configuration.confirmURL == nil)
  }

  @Test func `every setting has its origin`() throws {
    let configuration = try load(
      "\nprune_max = 7", environment: ["REGCTL_BCRYPT_COST": "5"], options: ["db": "x.db"])
    #expect(try origin(of: "db", in: configuration) == .option("--db"))
    #expect(
      try origin(of: "bcrypt_cost", in: configuration)
        == .environment(variable: "REGCTL_BCRYPT_COST"))
    #expect(
      try origin(of: "prune_max", in: configuration)
        == .file(path: "\(directory.path)/regctl.conf", line: 2))
    #expect(try origin(of: "reset_salt", in: configuration) == .builtIn)
    #expect(configuration.effective.map(\.key) == Setting.all.map(\.key))
  }

  @Test(arguments: [
    ([:], 0, "/var/lib/regctl/regctl.db"),
    (["HOME": "/home/ann"], 1000, "/home/ann/.local/share/regctl/regctl.db"),
    (["HOME": "/h", "XDG_DATA_HOME": "/data"], 1000, "/data/regctl/regctl.db"),
    (["HOME": "/h", "XDG_DATA_HOME": "data"], 1000, "/h/.local/share/regctl/regctl.db"),
    (["HOME": "/h", "XDG_DATA_HOME": "/data"], 0, "/var/lib/regctl/regctl.db"),
    (["STATE_DIRECTORY": "/state"], 0, "/state/regctl.db"),
    (["STATE_DIRECTORY": "/state:/other", "HOME": "/h"], 1000, "/state/regctl.db"),
  ])
  func `the default database depends on systemd and user`(
    _ environment: [String: String], uid: UInt32, path: String
  ) throws {
    #expect(try load(environment: environment, uid: uid).db == .file(path))
  }

  @Test(
    arguments: [
      (0, ["/etc/regctl/regctl.conf"]),
      (1000, ["/h/.config/regctl/regctl.conf", "/etc/regctl/regctl.conf"]),
    ] as [(UInt32, [String])])
  func `root reads no file of a user`(_ uid: UInt32, files: [String]) {
    let environment = Environment([(name: "HOME", value: "/h")])
    #expect(ConfigurationLoader(environment: environment, uid: uid).defaultFiles == files)
  }

  // MARK: Files

  @Test(arguments: [mode_t(0o620), 0o602, 0o666, 0o777])
  func `a file that others can write is refused`(_ mode: mode_t) throws {
    let path = try directory.write("x.conf", "db = x", mode: mode)
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(
          origin: .file(path: path, line: 0),
          fault: .untrusted(path: path, at: path, .writableByOthers(permissions: mode))))
    ) { try ConfigurationLoader.load(file: path) }
  }

  @Test func `a file that others can read is fine`() throws {
    let path = try directory.write("x.conf", "db = x", mode: 0o644)
    #expect(
      try ConfigurationLoader.load(file: path).db == .file("x"))
  }

  @Test func `a directory is not a configuration`() throws {
    let path = directory.path
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(
          origin: .file(path: path, line: 0), fault: .notARegularFile(path: path)))
    ) { try ConfigurationLoader.load(file: path) }
  }

  @Test func `a named file must exist`() throws {
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(
          origin: .option("--config"), fault: .missingFile(path: "/nowhere", setting: "--config")))
    ) { try ConfigurationLoader.load(file: "/nowhere") }
  }

  // MARK: Values

  @Test(arguments: [
    ("allow_weak_secret", "maybe", ConfigurationError.ValueFault.boolean),
    ("bcrypt_cost", "3", .range(4...15)), ("bcrypt_cost", "16", .range(4...15)),
    ("bcrypt_cost", "+5", .range(4...15)), ("bcrypt_cost", "", .range(4...15)),
    ("mail_port", "0", .range(1...65_535)), ("mail_port", "65536", .range(1...65_535)),
    ("token_max_age", "60", .duration(.missingUnit(suggestion: "60s"))),
    ("prune_after", "14", .duration(.missingUnit(suggestion: "14d"))),
    ("token_max_age", "never", .neverNotAllowed), ("busy_timeout", "x", .duration(.malformed)),
    ("mail_security", "ssl", .choice(["tls", "starttls", "none"])),
    ("mail_transport", "SMTP", .choice(["smtp", "sendmail", "maildir", "stdout"])),
    ("db", "", .empty), ("reset_salt", "", .empty), ("service_name", "a\nb", .controlByte),
    ("mail_server", "a\r\nb", .controlByte), ("support_address", "ann", .address(.missingAt)),
    ("mail_default_sender", "Ann <ann@example.org", .mailbox),
    ("mail_default_sender", "Ann <ann@example.org> x", .mailbox),
    ("mail_default_sender", "Ann <Bee> <ann@example.org>", .displayName),
    ("mail_default_sender", "A\"nn <ann@example.org>", .displayName),
    ("mail_default_sender", "Ann <>", .address(.empty)),
    ("mail_default_sender", "Ann\r\nBcc: <bob@example.org>", .controlByte),
    ("mail_envelope_sender", "Ann <ann@example.org>", .address(.blank)),
    ("mail_language", "german", .language), ("mail_reply_to", "Ann <ann>", .address(.missingAt)),
    ("mail_redirect_all", "Ann <ann@example.org>", .address(.blank)), ("mail_headers", "", .empty),
    ("confirm_url", "app.example/{token}", .url),
  ])
  func `an invalid value is rejected with the reason`(
    _ key: String, value: String, expected: ConfigurationError.ValueFault
  ) throws {
    #expect(try fault(key, value) == expected)
  }

  @Test(arguments: [
    ("ann@Example.org", nil, "ann@example.org"), ("<ann@example.org>", nil, "ann@example.org"),
    ("Ann <ann@example.org>", "Ann", "ann@example.org"),
    ("Ann Bee  <ann@example.org>", "Ann Bee", "ann@example.org"),
    ("\"Bee, Ann\" <ann@example.org>", "Bee, Ann", "ann@example.org"),
    ("Jürgen <j@example.org>", "Jürgen", "j@example.org"),
    ("Ann<ann@example.org>", "Ann", "ann@example.org"),
  ])
  func `a sender may have a name`(_ text: String, name: String?, address: String) throws {
    #expect(
      try load(options: ["mail_default_sender": text]).mailDefaultSender
        == Mailbox(displayName: name, address: address))
  }

  @Test(arguments: [
    ("yes", true), ("true", true), ("1", true), ("on", true), ("no", false), ("false", false),
    ("0", false), ("off", false),
  ])
  func `yes and no have several spellings`(_ text: String, isOn: Bool) throws {
    #expect(try load(options: ["allow_weak_secret": text]).allowsWeakSecret == isOn)
  }

  @Test func `the sender is read in A-labels`() throws {
    let configuration = try load(options: ["mail_default_sender": "Bücher <ann@bücher.example>"])
    #expect(configuration.mailDefaultSender?.address == "ann@xn--bcher-kva.example")
  }

  @Test func `the defaults are those of the manual`() throws {
    let configuration = try load()
    let salts = configuration.writtenSalts.map(\.text)
    #expect(salts == ["email-confirm", "password-reset", "change-email"])
    #expect(try configuration.salts(uid: geteuid()) == configuration.writtenSalts)
    #expect(configuration.passwordPolicy.bcryptCost == 13)
    #expect(configuration.resendInterval == .seconds(120))
    #expect(configuration.resendMaxPerDay == 5)
    #expect(configuration.mailLifetime == .seconds(172_800))
    #expect(configuration.pruneAfter == .finite(.seconds(1_209_600)))
    #expect(configuration.busyTimeout == .seconds(5))
    #expect(!configuration.allowsWeakSecret)
    #expect(configuration.effectiveTransport == nil)
  }

  // MARK: Salts

  @Test(arguments: [
    (["reset_salt": "email-confirm"], "security_password_salt", "reset_salt", "--reset-salt"),
    (
      ["change_email_salt": "email-confirm"], "security_password_salt", "change_email_salt",
      "--change-email-salt"
    ),
    (
      ["change_email_salt": "password-reset"], "reset_salt", "change_email_salt",
      "--change-email-salt"
    ),
    (
      ["security_password_salt": "change-email"], "security_password_salt", "change_email_salt",
      "--security-password-salt"
    ),
    (
      ["reset_salt": "one", "change_email_salt": "one"], "reset_salt", "change_email_salt",
      "--change-email-salt"
    ),
  ])
  func `one salt for two purposes is refused, and both settings are named`(
    _ options: [String: String], first: String, second: String, option: String
  ) throws {
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(origin: .option(option), fault: .equalSalts(first, second)))
    ) { try load(options: options) }
  }

  @Test func `the application's reset links may have the salt of confirmations`() throws {
    var options = ["reset_link": "application", "reset_salt": "email-confirm"]
    #expect(try load(options: options).resetLink == .application)
    options["change_email_salt"] = "email-confirm"
    #expect(
      throws: RegctlError.configuration(
        ConfigurationError(
          origin: .option("--change-email-salt"),
          fault: .equalSalts("security_password_salt", "change_email_salt")))
    ) { try load(options: options) }
  }

  @Test func `swapped default salts differ`() throws {
    let options = [
      "security_password_salt": "change-email", "change_email_salt": "email-confirm",
    ]
    #expect(try load(options: options).writtenSalts.first?.text == "change-email")
  }

  @Test func `canonically equivalent salts differ`() throws {
    let options = ["reset_salt": "caf\u{e9}", "change_email_salt": "cafe\u{301}"]
    #expect(try load(options: options).writtenSalts.count == 3)
  }

  @Test func `a server means smtp`() throws {
    #expect(try load(options: ["mail_server": "mail.example"]).effectiveTransport == .smtp)
    let maildir = ["mail_server": "mail.example", "mail_transport": "maildir"]
    #expect(try load(options: maildir).effectiveTransport == .maildir)
  }

  @Test(arguments: [
    ("/var/lib/x.db", "/var/lib/secret.key"), ("x.db", "./secret.key"), ("/x.db", "/secret.key"),
  ])
  func `the key is beside the database`(_ db: String, key: String) throws {
    #expect(try load(options: ["db": db]).effectiveSecretKeyFile == key)
  }

  @Test func `the server to deliver from applies beside another address, not beside a file`() throws
  {
    let direct = "postgresql://db.example/app"
    let options = ["db": "postgresql://pooler.example/app", "db_deliver": direct]
    #expect(try load(options: options).dbDeliver == DatabaseLocation(direct))
    #expect(try load(options: ["db": "x.db", "db_deliver": direct]).dbDeliver == nil)
    #expect(throws: RegctlError.self) { try load(options: ["db_deliver": "x.db"]) }
  }

  @Test func `the addresses of servers get the file with the password`() throws {
    let configuration = try load(options: [
      "db": "service=pooler", "db_deliver": "service=app", "db_password_file": "/etc/password",
    ])
    #expect(configuration.db.passwordFile?.path == "/etc/password")
    #expect(configuration.dbDeliver?.passwordFile?.path == "/etc/password")
    #expect(try load(options: ["db": "x.db"]).db.passwordFile == nil)
  }

  @Test(arguments: Setting.all.map(\.key))
  func `a key has a variable in capitals`(_ key: String) throws {
    let setting = try #require(Setting.named(key))
    #expect(setting.variable == "REGCTL_" + key.uppercased())
    #expect(key.wholeMatch(of: /[a-z]+(_[a-z]+[0-9]*)*/) != nil)
  }

  @Test func `no two settings share a key`() {
    #expect(Set(Setting.all.map(\.key)).count == Setting.all.count)
  }
}
