import Glibc
import PostgreSQL
import SQL
import SQLite
import TestSupport
import Testing

@testable import RegctlCore

/// A new database of the engine that the tests run for, a directory with a key, and a frozen clock.
///
/// The body of every transaction runs twice, the first time rolled back: if it changes more than the
/// database, the test of what it does fails.
final class Site {
  static let key = "0123456789abcdef0123456789abcdef"
  static let actor = Actor(name: "tester", uid: 1000)

  /// The actor, with a reason.
  static func actor(because reason: String?) -> Actor {
    Actor(name: actor.name, uid: actor.uid, reason: reason)
  }
  static let start = Instant(seconds: 1_795_424_400)  // 2026-11-23 09:00 UTC

  let directory: TemporaryDirectory

  /// The database on a server; `nil` for a file.
  let database: TemporaryDatabase?
  let store: Store
  var now = Site.start

  /// The path of the database, for tests of files.
  var path: String { "\(directory.path)/regctl.db" }

  var location: DatabaseLocation { store.location }

  init(on engine: TestEngine = .current) throws {
    directory = try TemporaryDirectory()
    try directory.write("secret.key", Self.key + "\n")
    let location: DatabaseLocation
    switch engine {
    case .sqlite:
      database = nil
      location = .file("\(directory.path)/regctl.db")
      try Store.create(location, journalMode: .wal, at: now, by: Self.actor)
    case .postgresql:
      let copy = try TemporaryDatabase(copying: Self.original.get())
      database = copy
      location = try DatabaseLocation(copy.address)
    }
    store = try Store.open(location, for: .writing, busyTimeout: Self.patience)
    store.runBodiesTwice()
  }

  /// How long a site's store waits for a lock: on a server the least is a millisecond, which a busy
  /// machine can take to answer.
  private static let patience = TestEngine.choose(
    sqlite: .zero, postgresql: Duration.milliseconds(200))

  /// The database on the server that each site copies.
  private static let original = Result {
    let database = try TemporaryDatabase()
    try Store.create(
      DatabaseLocation(database.address), journalMode: .wal, at: start, by: actor)
    return database
  }

  /// A site whose database is an application's, adopted.
  init(adopting rows: Statement) throws {
    directory = try TemporaryDirectory()
    try directory.write("secret.key", Self.key + "\n")
    let location: DatabaseLocation
    switch TestEngine.current {
    case .sqlite:
      database = nil
      location = .file("\(directory.path)/regctl.db")
      try Application.makeDatabase("\(directory.path)/regctl.db", rows: rows)
    case .postgresql:
      let empty = try TemporaryDatabase()
      database = empty
      location = try DatabaseLocation(empty.address)
      let connection = try empty.connect()
      try Application.makeDatabase(connection, rows: rows)
      // The rows have numbers of their own.
      try connection.run("SELECT setval('users_id_seq', max(id)) FROM users")
    }
    _ = try Store.migrate(
      location, uniqueEmail: false, dryRun: false, busyTimeout: .zero, at: now, by: Self.actor)
    store = try Store.open(location, for: .writing, busyTimeout: Self.patience)
    store.runBodiesTwice()
  }

  /// Another connection to the database.
  func open(for access: Store.Access) throws(RegctlError) -> Store {
    try Store.open(location, for: access, busyTimeout: .zero)
  }

  func configuration(_ settings: [String: String] = [:]) throws -> Configuration {
    let defaults = [
      "db": database?.address ?? path, "confirm_url": "https://app.example/confirm/{token}",
      "secret_key_file": "\(directory.path)/secret.key", "bcrypt_cost": "4",
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

  /// Registers a person who is to set a password.
  @discardableResult
  func invite(_ email: String, in language: MailLanguage? = nil) throws -> Account {
    try Register.perform(
      EmailAddress(email), .unusable, language: language, queuesMail: true, invites: true,
      messageDomain: "app.example", in: store, at: now, by: Self.actor
    ).account
  }

  /// Gives reserved numbers free, as an application may that deletes such accounts.
  func freeReservedNumbers() throws {
    if case .server = location { return }
    try store.execute(
      """
      DELETE FROM main.users WHERE email LIKE 'deleted-%@invalid';
      DROP VIEW IF EXISTS temp.users
      """)
  }

  /// Makes a server give a number next, as an administrator can who sets the sequence back.
  func giveNumbersFrom(_ number: Int64) throws {
    guard case .server = location else { return }
    try store.run(
      Statement(postgreSQL: "SELECT setval('users_id_seq', greatest($1 - 1, 1), $1 > 1)"),
      .integer(number))
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
    return try ChangeEmail(to: EmailAddress(new), configuration)
      .perform(old, in: store, at: now, by: Self.actor(because: "moved"))
  }

  func authority(_ settings: [String: String] = [:]) throws -> TokenAuthority {
    try TokenAuthority(configuration(settings), uid: geteuid())
  }

  /// The history of an account.
  func history(of email: String) throws -> History {
    try History(
      of: store.account(email),
      resend: Resend(configuration(), force: false, revokesPrevious: false), in: store, at: now)
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
  private static let users = Statement(
    sqlite: """
      CREATE TABLE users (id INTEGER PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
        password VARCHAR NOT NULL, registered_on DATETIME NOT NULL, admin BOOLEAN NOT NULL,
        confirmed BOOLEAN NOT NULL, confirmed_on DATETIME)
      """,
    postgreSQL: """
      CREATE TABLE users (id SERIAL PRIMARY KEY, email VARCHAR NOT NULL UNIQUE,
        password VARCHAR NOT NULL, registered_on TIMESTAMP NOT NULL, admin BOOLEAN NOT NULL,
        confirmed BOOLEAN NOT NULL, confirmed_on TIMESTAMP)
      """)

  /// Creates it with rows of `users`.
  static func makeDatabase(_ path: String, rows: Statement) throws {
    try makeDatabase(
      SQLiteDatabase(path: path, access: .create, busyTimeout: .zero), rows: rows)
  }

  /// Creates it in an empty database with rows of `users`.
  static func makeDatabase(_ database: any Database, rows: Statement) throws {
    try database.execute(users)
    try database.execute(rows)
  }
}

extension Store {
  /// Makes the body of every transaction run twice, and the sequences of a server give the same
  /// numbers both times.
  func runBodiesTwice() {
    runsBodiesTwice = true
    guard case .server = location else { return }
    aroundFirstRun = { [unowned self] run in
      let sequences = try? rows(
        Statement(
          postgreSQL: """
            SELECT format('%I.%I', schemaname, sequencename), coalesce(last_value, 1),
              last_value IS NOT NULL
            FROM pg_sequences
            """)
      ) { [$0.value(0), $0.value(1), .boolean($0.boolean(2))] }
      run()
      for sequence in sequences ?? [] {
        _ = try? self.run(
          Statement(postgreSQL: "SELECT setval(CAST($1 AS regclass), $2, $3)"), sequence)
      }
    }
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
