import Glibc
import SQL
import SQLite
import TestSupport
import Testing

@testable import RegctlCore

/// A new database in a new directory, a key, and a frozen clock.
///
/// The body of every transaction runs twice, the first time rolled back: if it changes more than the
/// database, the test of what it does fails.
final class Site {
  static let key = "0123456789abcdef0123456789abcdef"
  static let actor = Actor(name: "tester", uid: 1000)

  let directory: TemporaryDirectory
  let store: Store
  var now = Instant(seconds: 1_795_424_400)  // 2026-11-23 09:00 UTC

  var path: String { "\(directory.path)/regctl.db" }

  init() throws {
    directory = try TemporaryDirectory()
    try directory.write("secret.key", Self.key + "\n")
    let path = "\(directory.path)/regctl.db"
    try Store.create(.file(path), journalMode: .wal, at: now, by: Self.actor)
    store = try Store.open(.file(path), for: .writing, busyTimeout: .zero)
    store.runsBodiesTwice = true
  }

  /// A site whose database is an application's, adopted.
  init(adopting rows: Statement) throws {
    directory = try TemporaryDirectory()
    try directory.write("secret.key", Self.key + "\n")
    let path = "\(directory.path)/regctl.db"
    try Application.makeDatabase(path, rows: rows)
    _ = try Store.migrate(
      .file(path), uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: now, by: Self.actor)
    store = try Store.open(.file(path), for: .writing, busyTimeout: .zero)
    store.runsBodiesTwice = true
  }

  func configuration(_ settings: [String: String] = [:]) throws -> Configuration {
    let defaults = [
      "db": path, "confirm_url": "https://app.example/confirm/{token}", "bcrypt_cost": "4",
      "mail_transport": "maildir", "maildir_path": "\(directory.path)/Maildir",
      "mail_default_sender": "Example <accounts@app.example>",
    ]
    return try ConfigurationLoader.load(defaults.merging(settings) { $1 })
  }

  @discardableResult
  func register(_ email: String, queuesMail: Bool = true) throws -> Account {
    try Register.perform(
      EmailAddress(email), .unusable, queuesMail: queuesMail, messageDomain: "app.example",
      in: store, at: now, by: Self.actor
    ).account
  }

  /// Gives reserved numbers free, as an application may that deletes such accounts.
  func freeReservedNumbers() throws {
    try store.execute(
      """
      DELETE FROM main.users WHERE email LIKE 'deleted-%@invalid';
      DROP VIEW IF EXISTS temp.users
      """)
  }

  @discardableResult
  func createAdministrator(_ email: String) throws -> Account {
    try CreateAdministrator.perform(
      EmailAddress(email), .unusable, in: store, at: now, by: Self.actor)
  }

  @discardableResult
  func confirmByHand(_ email: String) throws -> RegctlCore.Confirmation {
    try Confirm.byOperator(email, reason: "called", in: store, at: now, by: Self.actor)
  }

  @discardableResult
  func requestEmailChange(_ old: String, to new: String) throws -> ChangeEmail.Effect {
    let configuration = try configuration(
      ["change_email_url": "https://app.example/change/{token}"])
    return try ChangeEmail(to: EmailAddress(new), reason: "moved", configuration)
      .perform(old, in: store, at: now, by: Self.actor)
  }

  func authority(_ settings: [String: String] = [:]) throws -> TokenAuthority {
    try TokenAuthority(configuration(settings), uid: geteuid())
  }

  /// A token for an account, issued now.
  func token(_ email: String, purpose: TokenPurpose = .confirm) throws -> TokenText {
    let issued = try authority().issue(
      purpose, for: [email], in: store, at: now, by: Self.actor)
    let token = try #require(issued.first).get().token
    return TokenText(Array(token.utf8))
  }

  /// The audit entries about an account.
  func acts(on email: String) throws -> [AuditEntry.Act] {
    try store.auditEntries(of: store.account(email).id).map(\.act)
  }
}

/// The database of the original application, in the form of the tutorial's text: without the column
/// `password_reset_token`.
enum Application {
  private static let users: Statement = """
    CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
      password VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL,
      confirmed BOOLEAN NOT NULL, confirmed_on DATETIME)
    """

  /// Creates it with rows of `users`.
  static func makeDatabase(_ path: String, rows: Statement) throws {
    let connection = try SQLiteDatabase(path: path, access: .create, busyTimeout: .zero)
    try connection.execute(users)
    try connection.execute(rows)
  }
}

extension ConfigurationLoader {
  /// Loads settings given as options, with an environment and optionally a file.
  static func load(
    _ settings: [String: String] = [:], environment: [String: String] = [:], file: String = "none",
    uid: UInt32 = geteuid()
  ) throws -> Configuration {
    let variables = environment.map { (name: $0.key, value: $0.value) }
    let options = settings.map { key, value in
      (key: key, option: "--\(key.replacing("_", with: "-"))", value: value)
    }
    return try ConfigurationLoader(environment: Environment(variables), uid: uid)
      .load(file: file, options: options)
  }
}

/// Calls a throwing body and returns the error, for tests of more than equality.
func refusal(_ body: () throws -> Void) throws -> RegctlError {
  try #require(throws: RegctlError.self, performing: body)
}
