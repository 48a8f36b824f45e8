import Base
import RegctlCore
import System
import Testing

@testable import regctl

@Suite("Diagnostic") struct DiagnosticTests {
  private static let now = Instant(seconds: 1_795_424_400)
  private static let ann = "ann@example.org"

  /// Every failure of the core and the command line, or one of each kind.
  private static let errors: [CommandError] =
    usageFaults.map { .usage(UsageError($0, command: "register")) }
    + coreErrors.map(CommandError.core) + [
      .output(
        FileError(operation: "write", path: "standard output", code: 28), isClosedPipe: false),
      .input(FileError(operation: "read", path: "standard input", code: 5)),
    ]

  @Test func `a file that may not be read names its owner, once`() {
    let error = FileError(operation: "open", path: "x.db", code: 13)
    let plain = Diagnostic(.core(.file(error)), now: Self.now, isVerbose: false)
    #expect(plain.suggesting(nil).hint == nil)
    let owner = User(uid: 998, name: "regctl")
    #expect(
      plain.suggesting(owner).hint
        == "run it as the owner of the file: sudo -u regctl regctl")
    let other = Diagnostic(.dbMissing, .noInput, "x")
    #expect(other.suggesting(owner) == other)
  }

  private static let usageFaults: [UsageError.Fault] = [
    .noCommand, .unknownCommand("x", suggestions: ["y", "z"]), .unknownTopic("x", suggestions: []),
    .addressForToken("a@b.cd", instead: "x"),
    .unknownOption("--x", suggestion: nil), .missingValue(option: "--x", value: "X"),
    .unexpectedValue(option: "--x"), .repeatedOption("--x"), .conflict("--x", "--y"),
    .requires("--x", "--y"), .missingOperand("EMAIL"), .unexpectedOperand("x"),
    .notUTF8(position: 2), .operandOrPassword(position: 2),
    .needsInput(what: "a password is needed", options: "x"), .reasonRequired,
    .invalidValue(option: "--x", value: "y", expected: .choice(["a", "b"], suggestion: nil)),
    .invalidValue(option: "--x", value: "y", expected: .duration(.malformed)),
    .invalidValue(option: "--x", value: "y", expected: .duration(.tooLarge)),
    .invalidValue(option: "--x", value: "1", expected: .duration(.missingUnit(suggestion: "1d"))),
    .invalidValue(option: "--x", value: "y", expected: .finiteDuration),
    .invalidValue(option: "--x", value: "y", expected: .timeLimit),
    .invalidValue(option: "--x", value: "y", expected: .number),
    .invalidValue(option: "--x", value: "y", expected: .text),
    .invalidValue(option: "--x", value: "y", expected: .domain),
    .invalidValue(option: "--x", value: "y", expected: .fields(["a"], suggestion: "a")),
  ]

  private static let coreErrors: [RegctlError] =
    [
      PasswordError.empty, .containsNUL, .tooLong(limit: 72), .tooShort(minimum: 8),
      .notUTF8, .entriesDiffer,
    ].map(RegctlError.password)
    + [
      AccountError.notFound(ann), .ambiguous(ann, count: 2),
      .alreadyRegistered(email: ann, isConfirmed: true),
      .alreadyRegistered(email: ann, isConfirmed: false), .notConfirmed(email: ann), .wrongPassword,
      .lastAdministrator(email: ann), .resendTooSoon(email: ann, next: now + .seconds(60)),
      .resendLimit(email: ann, perDay: 5), .noEmailChange(email: ann), .reasonNamesPerson,
    ].map(RegctlError.account)
    + [
      TokenError.invalid(.empty), .invalid(.tooLong), .invalid(.incomplete), .invalid(.signature),
      .invalid(.payload), .purpose(.reset, expected: .confirm),
      .purpose(.changeEmail, expected: .confirm),
      .expired(email: ann, issued: now - .seconds(7200), expired: now - .seconds(3600)),
      .revoked(email: ann), .predatesAccount(email: ann), .inFuture(seconds: 3),
      .invalid(.unbound), .used(email: ann), .revoked(email: ann, purpose: .reset),
      .revoked(email: ann, purpose: .changeEmail),
    ].map(RegctlError.token)
    + [.openSSL(reason: "libcrypto.so.3: file too short")]
    + storeErrors.map(RegctlError.store)
    + [
      DeliveryError.notConfigured, .missingSetting("maildir_path"), .passwordInClear,
      .running(lock: "x.lock"), .inUse(lock: "x"),
      .unavailable(reason: "no space"), .outboxDamaged,
    ].map(RegctlError.delivery)
    + configurationFaults.map { fault in
      .configuration(ConfigurationError(origin: .file(path: "x.conf", line: 3), fault: fault))
    }
    + [2, 5, 13, 17].map { .file(FileError(operation: "create", path: "x", code: $0)) }

  private static let storeErrors: [StoreError] = [
    .missing(path: "x.db"), .exists(path: "x.db"), .taken(server: "x on y"), .busy,
    .corrupt(detail: ""), .full,
    .readOnly(ReadOnlyRefusal(.file)), .constraint(detail: "NOT NULL"), .notADatabase(path: "x.db"),
    .schemaTooNew(found: 2, supported: 1),
    .schemaMissing(path: "x.db", table: "users", hasUsers: true),
    .mappingProposed(path: "x.db", .original), .columnMissing(.admin, table: "user"),
    .auditChanged(number: 3), .auditHashMissing("x"),
    .schemaMissing(path: "x.db", table: "users", hasUsers: false), .duplicateAddresses(["a, A"]),
    .inputOutput(detail: ""), .schemaChanged(detail: "no such table: regctl_outbox"),
    .objectsMissing(["index regctl_outbox_due"]), .foreignObject("table regctl_outbox"),
    .ignored(table: "users", triggers: []), .ignored(table: "users", triggers: ["keep", "quiet"]),
    .foreignUsersTable(
      path: "x.db",
      faults: [
        .notATable(kind: "view"), .withoutRowID, .missingColumn("email"),
        .missingLanguage("locale"),
        .generatedColumn("confirmed"), .identity(type: "INT"), .identity(type: ""),
        .nullValues(column: "admin", count: 1), .nullValues(column: "email", count: 2),
        .type(column: "admin", type: "TEXT"), .emailNotUnique,
        .collation(column: "email", name: "latin"), .numbersBelowOne(count: 1),
        .numbersBelowOne(count: 2),
      ]),
  ]

  private static let configurationFaults: [ConfigurationError.Fault] = [
    .unknownKey("x", suggestion: nil), .replacedKey("mail_use_ssl", by: "mail_security = tls"),
    .repeatedKey("db", firstLine: 1), .malformedLine, .notUTF8,
    .tooLarge, .unknownKey(nil, suggestion: "db"), .keyFile(path: "x"),
    .secretInsteadOfFile(setting: "secret_key_file"), .missingPasswordFile, .missingSetting("db"),
    .untrusted(path: "x", at: "/", .writableByOthers(permissions: 0o666)),
    .untrusted(path: "x", at: "x", .owner(User(uid: 7, name: nil))),
    .readableByOthers(path: "x", permissions: 0o4), .foreignOwner(path: "x", uid: 7),
    .notARegularFile(path: "x"), .missingFile(path: "x", setting: "secret_key_file"),
    .equalSalts("reset_salt", "change_email_salt"), .newTable(setting: "users_table"),
    .noKey(path: "x"), .credentialOfKey, .saltInKeyFile, .saltAndFile, .noSalt(path: "x"),
    .fixedKeyFile(path: "x", dropping: 0), .fixedKeyFile(path: "x", dropping: 2), .noResetColumn,
    .weakKey(path: "x", position: 1, weakness: .sample),
    .weakKey(path: "x", position: 1, weakness: .short(bytes: 3)),
    .weakKey(path: "x", position: 1, weakness: .equalsSalt(setting: "reset_salt")),
    .value(setting: "db", value: "", fault: .empty),
    .value(setting: "bcrypt_cost", value: "1", fault: .range(4...15)),
    .value(setting: "allow_weak_secret", value: "maybe", fault: .boolean),
    .value(setting: "mail_security", value: "ssl", fault: .choice(["tls", "none"])),
    .value(setting: "token_max_age", value: "1", fault: .duration(.missingUnit(suggestion: "1s"))),
    .value(setting: "token_max_age", value: "never", fault: .neverNotAllowed),
    .value(setting: "confirm_url", value: "x", fault: .url),
    .value(setting: "confirm_url", value: "x", fault: .linkWithoutToken),
    .value(setting: "service_name", value: "\u{7}", fault: .controlByte),
    .value(setting: "mail_default_sender", value: "x", fault: .mailbox),
    .value(
      setting: "db", value: "mysql://app:secret@db.example/app",
      fault: .foreignDatabase(scheme: "mysql")),
    .value(setting: "db", value: "sqlite://", fault: .databaseWithoutFile),
    .value(setting: "mail_default_sender", value: "x", fault: .displayName),
    .value(setting: "support_address", value: "x", fault: .address(.missingAt)),
  ]

  private static func diagnostic(_ error: CommandError, isVerbose: Bool = false) -> Diagnostic {
    Diagnostic(error, now: now, isVerbose: isVerbose)
  }

  @Test(arguments: errors.map { diagnostic($0) })
  func `a message is a phrase of one line, without a capital or a full stop`(
    _ diagnostic: Diagnostic
  ) throws {
    let message = diagnostic.message
    let first = try #require(message.unicodeScalars.first)
    #expect(!first.properties.isUppercase || message.hasPrefix("EMAIL"))
    #expect(message.last != ".")
    #expect(!message.utf8.contains(0x0a))
  }

  @Test(arguments: errors.compactMap { diagnostic($0).hint })
  func `a hint is a phrase of one line without a full stop`(_ hint: String) {
    #expect(!(hint.first?.isUppercase ?? true))
    #expect(hint.last != ".")
    #expect(!hint.utf8.contains(0x0a))
  }

  @Test(arguments: errors.map { diagnostic($0) })
  func `a failure is never exit 0`(_ diagnostic: Diagnostic) {
    #expect(diagnostic.exitCode != .ok)
  }

  @Test(arguments: [
    (RegctlError.account(.notFound(ann)), ErrorCode.notFound, ExitCode.noUser),
    (.account(.alreadyRegistered(email: ann, isConfirmed: true)), .alreadyRegistered, .refused),
    (
      .account(.alreadyRegistered(email: ann, isConfirmed: false)), .alreadyRegisteredUnconfirmed,
      .refused
    ),
    (.account(.lastAdministrator(email: ann)), .lastAdmin, .refused),
    (.account(.wrongPassword), .wrongPassword, .refused),
    (.account(.reasonNamesPerson), .invalidValue, .usage),
    (.password(.tooShort(minimum: 8)), .invalidPassword, .data),
    (.password(.entriesDiffer), .passwordMismatch, .data),
    (.token(.invalid(.signature)), .tokenInvalid, .data),
    (.token(.purpose(.reset, expected: .confirm)), .tokenPurpose, .data),
    (.token(.revoked(email: ann)), .tokenRevoked, .refused),
    (.token(.used(email: ann)), .tokenRevoked, .refused),
    (.account(.noEmailChange(email: ann)), .notFound, .refused),
    (.store(.auditChanged(number: 1)), .dbCorrupt, .inputOutput),
    (.token(.predatesAccount(email: ann)), .tokenPredatesAccount, .refused),
    (.token(.inFuture(seconds: 1)), .tokenInFuture, .refused),
    (.store(.missing(path: "x")), .dbMissing, .noInput),
    (.store(.exists(path: "x")), .dbExists, .cannotCreate),
    (.store(.taken(server: "x on y")), .dbExists, .cannotCreate),
    (.store(.busy), .dbBusy, .temporary), (.store(.corrupt(detail: "")), .dbCorrupt, .inputOutput),
    (.store(.full), .dbFull, .inputOutput),
    (.store(.readOnly(ReadOnlyRefusal(.file))), .dbReadonly, .noPermission),
    (.store(.notADatabase(path: "x")), .notADatabase, .inputOutput),
    (.store(.schemaTooNew(found: 2, supported: 1)), .schemaTooNew, .inputOutput),
    (.store(.unexpected(code: "1", detail: "")), .internal, .software),
    (.delivery(.notConfigured), .mailNotConfigured, .configuration),
    (.delivery(.passwordInClear), .configError, .configuration),
    (.delivery(.running(lock: "x")), .deliverRunning, .temporary),
    (.delivery(.inUse(lock: "x")), .deliverRunning, .temporary),
    (.delivery(.unavailable(reason: "x")), .mailUnavailable, .unavailable),
    (.file(FileError(operation: "open", path: "x", code: 2)), .ioError, .noInput),
    (.file(FileError(operation: "open", path: "x", code: 13)), .permissionDenied, .noPermission),
    (.file(FileError(operation: "create", path: "x", code: 17)), .ioError, .cannotCreate),
    (.file(FileError(operation: "write", path: "x", code: 28)), .ioError, .inputOutput),
  ])
  func `a failure has the code and exit code of the manual`(
    _ error: RegctlError, code: ErrorCode, exitCode: ExitCode
  ) {
    let diagnostic = Self.diagnostic(.core(error))
    #expect(diagnostic.code == code)
    #expect(diagnostic.exitCode == exitCode)
  }

  @Test func `text from outside is escaped`() {
    let evil = "\u{1b}[2J\u{202e}@example.org"
    for error in [
      AccountError.notFound(evil), .notConfirmed(email: evil), .lastAdministrator(email: evil),
      .alreadyRegistered(email: evil, isConfirmed: false),
    ] {
      let diagnostic = Self.diagnostic(.core(.account(error)))
      #expect(!(diagnostic.message + (diagnostic.hint ?? "")).utf8.contains(0x1b))
    }
  }

  @Test func `SQLite's own message is shown with --verbose`() {
    let error = CommandError.core(.store(.corrupt(detail: "malformed page")))
    #expect(Self.diagnostic(error).message == "the database is damaged")
    #expect(
      Self.diagnostic(error, isVerbose: true).message == "the database is damaged (malformed page)")
  }

  @Test func `a bug prints the version and where to report it`() {
    let diagnostic = Self.diagnostic(
      .core(.store(.unexpected(code: "SQLite result code 21", detail: "misuse"))))
    #expect(diagnostic.message.contains(Regctl.version))
    #expect(diagnostic.hint?.contains("report") ?? false)
  }

  @Test(arguments: [
    (PrunePlan.Fault.notAPlan, true), (.unknownVersion(2), true), (.notAnAccount, true),
    (.count(1, expected: 2), true), (.count(2, expected: 1), true),
    (.shorterThanLinks(.seconds(60)), true), (.changed, false),
  ])
  func `an error about a plan names the line, and says whether anything was deleted`(
    _ fault: PrunePlan.Fault, isWhole: Bool
  ) {
    let diagnostic = Self.diagnostic(
      .core(.prune(.plan(path: "a\u{1b}b", line: 3, fault))))
    #expect((diagnostic.code, diagnostic.exitCode) == (.invalidValue, .data))
    #expect(diagnostic.message.hasPrefix("'a\\u{1b}b' line 3: "))
    #expect(diagnostic.message.hasSuffix("; nothing was deleted") == isWhole)
    #expect(diagnostic.hint?.contains("regctl list-prunes") == !isWhole)
  }

  @Test func `as JSON it has the keys of the manual, null written out`() {
    var output: [UInt8] = []
    JSONRenderer.append(Diagnostic(.partial, .refused, "1 of 2 failed").object, to: &output)
    #expect(
      String(decoding: output, as: UTF8.self)
        == """
        {"code":"partial","message":"1 of 2 failed","hint":null,"exit":1}
        """)
  }

  @Test func `a library that is missing is not a fault of the address`() {
    let error = AddressError(text: "ann@bücher.example", fault: .library(reason: "no \u{1b}file"))
    let diagnostic = Self.diagnostic(.core(.address(error)))
    #expect(diagnostic.code == .ioError)
    #expect(diagnostic.exitCode == .unavailable)
    #expect(diagnostic.message == "cannot use libidn2: no \\u{1b}file")
  }

  @Test(arguments: [
    (AddressError.Fault.underscore, "allow_underscore_domains = yes"), (.blank, "give one address"),
    (.severalAt, "give one address"), (.library(reason: "no"), "apt-get install libidn2-0"),
  ])
  func `an invalid address is reported with a hint`(_ fault: AddressError.Fault, hint: String) {
    let error = AddressError(text: "a@b", fault: fault)
    #expect(Self.diagnostic(.core(.address(error))).hint?.contains(hint) ?? false)
  }
}
