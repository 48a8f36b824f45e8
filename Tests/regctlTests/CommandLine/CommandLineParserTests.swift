import Base
import RegctlCore
import Testing

@testable import regctl

@Suite("CommandLineParser") struct CommandLineParserTests {
  private func outcome(_ words: [String], environment: [String: String] = [:]) -> ParseResult {
    CommandLineParser(environment: Environment(environment)).parse(ArgumentBytes(words))
  }

  private func outcome(_ line: String, environment: [String: String] = [:]) -> ParseResult {
    let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
    return outcome(words, environment: environment)
  }

  /// The command of a valid command line.
  private func parse(_ line: String) throws -> Invocation { try outcome(line).result.get() }

  /// The global options of a valid command line.
  private func globals(
    _ line: String, environment: [String: String] = [:]
  ) throws -> GlobalOptions {
    let outcome = outcome(line, environment: environment)
    _ = try outcome.result.get()
    return outcome.globals
  }

  /// The error for some words.
  private func error(_ words: [String]) throws -> UsageError {
    try #require(throws: UsageError.self) { try outcome(words).result.get() }
  }

  /// The error for a command line.
  private func error(_ line: String, environment: [String: String] = [:]) throws -> UsageError {
    try #require(throws: UsageError.self) {
      try outcome(line, environment: environment).result.get()
    }
  }

  // MARK: Options

  @Test(arguments: [
    "-d a.db list-admins", "-da.db list-admins", "--db a.db list-admins", "--db=a.db list-admins",
    "list-admins -d a.db", "list-admins -da.db", "list-admins --db a.db", "list-admins --db=a.db",
    "list-admins -qd a.db", "list-admins -qda.db", "-qda.db list-admins",
    "-d a.db list-admins --db=a.db",
  ])
  func `an option can be anywhere, in any spelling`(_ line: String) throws {
    #expect(try parse(line).command is regctl.ListAdmins)
    #expect(try globals(line).db == "a.db")
  }

  @Test(arguments: [
    ("list-admins", false, false), ("list-admins -q", true, false), ("-v list-admins", false, true),
    ("list-admins -qv", true, true), ("-vq list-admins", true, true),
    ("--quiet list-admins --verbose", true, true), ("list-admins -q -q", true, false),
  ])
  func `switches can be clustered and repeated`(
    _ line: String, quiet: Bool, verbose: Bool
  ) throws {
    let globals = try globals(line)
    #expect(globals.quiet == quiet)
    #expect(globals.verbose == verbose)
  }

  @Test(arguments: [
    ("list-admins --db=", ""), ("list-admins --db=a=b", "a=b"), ("list-admins -d=a", "=a"),
    ("list-admins --db -", "-"), ("list-admins --db --json", "--json"),
  ])
  func `a value is used unchanged`(_ line: String, db: String) throws {
    #expect(try globals(line).db == db)
  }

  @Test func `an option's short form belongs to the command that declares it`() throws {
    #expect(try globals("migrate-db -nq").quiet)
    #expect(try error("list-admins -n").fault == .unknownOption("-n", suggestion: nil))
  }

  @Test(arguments: [
    ("list-admins -- x", "x"), ("list-admins -- --json", "--json"), ("-- list-admins -q", "-q"),
    ("list-admins x -q", "x"), ("list-admins -", "-"),
  ])
  func `a word that is not an option is an operand`(_ line: String, operand: String) throws {
    #expect(try error(line).fault == .unexpectedOperand(operand))
  }

  @Test(arguments: [
    ("--db a --db b list-admins", "--db"), ("list-admins -da --db=b", "--db"),
    ("list-unconfirmed --limit 1 --limit 2", "--limit"),
    ("list-admins --format text --format json", "--format"),
    // Canonically equivalent, but different files.
    ("list-admins --db e\u{301} --db \u{e9}", "--db"),
  ])
  func `two different values for one option are an error`(_ line: String, option: String) throws {
    #expect(try error(line).fault == .repeatedOption(option))
  }

  @Test(arguments: [
    ("list-admins --db", "--db", "PATH|URI"), ("list-admins -d", "-d", "PATH|URI"),
    ("list-admins -qd", "-d", "PATH|URI"),
    ("prune --older-than", "--older-than", "DURATION"),
  ])
  func `a missing value is named`(_ line: String, option: String, value: String) throws {
    #expect(try error(line).fault == .missingValue(option: option, value: value))
  }

  @Test(arguments: [("list-admins --quiet=yes", "--quiet"), ("list-admins --json=1", "--json")])
  func `a switch takes no value`(_ line: String, option: String) throws {
    #expect(try error(line).fault == .unexpectedValue(option: option))
  }

  @Test(arguments: [
    ("list-admins --quite", "--quite", "--quiet"), ("list-admins --jsn", "--jsn", "--json"),
    ("list-admins --xyzzy", "--xyzzy", nil), ("list-admins -x", "-x", nil),
    ("list-admins -qx", "-x", nil),
    ("prune --olderthan 1d", "--olderthan", "--older-than"),
    // Not an option of this command, and abbreviations are not expanded.
    ("show-mail --older-than 1d", "--older-than", nil),
    ("list-admins --verb", "--verb", "--verbose"),
    ("list-admins --qui=x", "--qui", "--quiet"),
  ])
  func `an unknown option is reported with the nearest known one`(
    _ line: String, option: String, suggestion: String?
  ) throws {
    let command = String(line.prefix { $0 != " " })
    #expect(
      try error(line)
        == UsageError(.unknownOption(option, suggestion: suggestion), command: command))
  }

  // MARK: Commands

  @Test(arguments: [
    ("regster a@b.cd", "regster", "register"), ("list-admin", "list-admin", "list-admins"),
    ("xyzzy", "xyzzy", nil), ("Register", "Register", "register"),
    ("-q conform x", "conform", "confirm"),
    ("-- xyzzy", "xyzzy", nil), ("-", "-", nil),
  ])
  func `an unknown command is reported with the nearest known one`(
    _ line: String, name: String, suggestion: String?
  ) throws {
    #expect(
      try error(line).fault
        == .unknownCommand(name, suggestions: suggestion.map { [$0] } ?? []))
  }

  @Test(arguments: [
    ("useradd ann", ["register"]), ("UserAdd ann", ["register"]), ("rm a@b.cd", ["delete"]),
    ("find ann", ["list-accounts"]), ("undo", ["unprune", "undelete"]),
    ("-q activate a@b.cd", ["confirm"]), ("mailq", ["list-outbox"]), ("version", ["--version"]),
  ])
  func `a word of other tools leads to the commands that are meant`(
    _ line: String, commands: [String]
  ) throws {
    guard case .unknownCommand(_, let suggestions) = try error(line).fault else {
      Issue.record("not refused as an unknown command")
      return
    }
    #expect(suggestions == commands)
  }

  @Test func `a word of other tools is no command, and leads to one`() {
    let names = CommandTable.all.map { $0.name }
    #expect(CommandTable.synonyms.count > 100)
    for (word, commands) in CommandTable.synonyms {
      #expect(!names.contains(word) && !commands.isEmpty, "\(word)")
      #expect(commands.allSatisfy { names.contains($0) || $0 == "--version" }, "\(word)")
    }
  }

  @Test(arguments: [
    ("confirm ann@example.org", "regctl confirm --email ann@example.org --reason TEXT"),
    (
      "confirm ann@example.org --reason called",
      "regctl confirm --email ann@example.org --reason called"
    ),
    ("inspect-token ann@example.org", "regctl show ann@example.org"),
    ("reset-password --token ann@example.org", "regctl reset-password ann@example.org"),
    ("confirm -- -a@b.cd", "regctl confirm --email=-a@b.cd --reason TEXT"),
  ])
  func `an address for a token is answered with the command that is meant`(
    _ line: String, command: String
  ) throws {
    let diagnostic = Diagnostic(try error(line))
    #expect(diagnostic.code == .invalidValue)
    #expect(diagnostic.hint == command)
  }

  @Test(arguments: [
    "confirm https://ann@app.example/confirm/x", "confirm x.y.z", "inspect-token -",
    "confirm https://mail.example/go?to=ann@example.org&link=x", "confirm mailto:ann@example.org",
  ])
  func `a link with an at sign is not an address`(_ line: String) throws {
    #expect(throws: Never.self) {
      try CommandLineParser(environment: [:]).parse(
        ArgumentBytes(line.split(separator: " ").map(String.init))
      ).result.get()
    }
  }

  @Test(arguments: ["-q", "--db a.db", "--json", "--"])
  func `options alone are no command`(_ line: String) throws {
    #expect(try error(line).fault == .noCommand)
  }

  @Test func `no words are no command`() throws {
    #expect(try error([]) == UsageError(.noCommand, command: nil))
  }

  @Test(arguments: [
    ("register", "EMAIL"), ("show", "EMAIL|ID"), ("confirm", "TOKEN|LINK|-"),
    ("issue-token", "EMAIL"), ("inspect-token", "TOKEN|LINK|-"), ("resend", "EMAIL"),
    ("unconfirm --reason x", "EMAIL"),
  ])
  func `a missing operand is named`(_ line: String, operand: String) throws {
    #expect(try error(line).fault == .missingOperand(operand))
  }

  @Test(arguments: [
    ("show a@b.cd c@d.ef", "c@d.ef"), ("confirm x y", "y"), ("inspect-token --stdin x", "x"),
    ("issue-token --stdin a@b.cd", "a@b.cd"), ("help register confirm", "confirm"),
  ])
  func `an extra operand is named`(_ line: String, operand: String) throws {
    #expect(try error(line).fault == .unexpectedOperand(operand))
  }

  @Test(arguments: [
    ("set-password a@b.cd hunter2", 2), ("create-admin a@b.cd hunter2", 2),
    ("register hunter2 --no-mail a@b.cd", 2), ("check a@b.cd hunter2", 2),
    ("reset-password a@b.cd hunter2", 2), ("reset-password --token x hunter2", 1),
  ])
  func `an operand that may be a password is not named`(_ line: String, position: Int) throws {
    #expect(try error(line).fault == .operandOrPassword(position: position))
  }

  @Test(arguments: [
    ("register a@b.cd --password-file x --no-password", "--password-file", "--no-password"),
    ("create-admin a@b.cd --if-not-exists --promote", "--if-not-exists", "--promote"),
    ("list-unconfirmed --count --fields id", "--count", "--fields"),
    ("list-admins --json --format tsv", "--json", "--format"),
  ])
  func `mutually exclusive options are rejected`(
    _ line: String, one: String, other: String
  ) throws {
    #expect(try error(line).fault == .conflict(one, other))
  }

  @Test(arguments: [
    ("confirm --email a@b.cd", "--email", "--reason"),
    ("unconfirm a@b.cd", "unconfirm", "--reason"),
  ])
  func `an option without the option it requires is rejected`(
    _ line: String, one: String, other: String
  ) throws {
    #expect(try error(line).fault == .requires(one, other))
  }

  // MARK: Values

  @Test(arguments: [
    ("list-admins --format yaml", "--format", "yaml", OutputFormat.allCases.map(\.rawValue), nil),
    ("list-admins --format jsn", "--format", "jsn", OutputFormat.allCases.map(\.rawValue), "json"),
    ("list-admins --color allways", "--color", "allways", ["auto", "always", "never"], "always"),
    ("create-db --journal-mode wall", "--journal-mode", "wall", ["wal", "truncate"], "wal"),
    ("list-unconfirmed --sort mail", "--sort", "mail", ["registered", "email"], "email"),
  ])
  func `an invalid choice is reported with the possible ones`(
    _ line: String, option: String, value: String, choices: [String], suggestion: String?
  ) throws {
    #expect(
      try error(line).fault
        == .invalidValue(
          option: option, value: value, expected: .choice(choices, suggestion: suggestion)))
  }

  @Test(arguments: [
    ("14", TimeSpan.Fault.missingUnit(suggestion: "14d")), ("0", .missingUnit(suggestion: "0d")),
    ("", .malformed), ("d", .malformed), ("14 d", .malformed), ("1d12h", .malformed),
    ("1.5d", .malformed), ("-1d", .malformed), ("14D", .malformed), ("14mo", .malformed),
    ("Never", .malformed), ("١٤d", .malformed), ("99999999999999999999d", .tooLarge),
  ])
  func `an invalid duration has a reason`(_ text: String, fault: TimeSpan.Fault) throws {
    #expect(
      try error(["prune", "--older-than", text]).fault
        == .invalidValue(option: "--older-than", value: text, expected: .duration(fault)))
  }

  @Test(arguments: ["30s", "15m", "12h", "14d", "2w", "0d", "never"])
  func `a duration has a unit`(_ text: String) throws {
    _ = try parse("prune --older-than \(text)")
  }

  @Test func `an infinite time limit is rejected`() throws {
    #expect(
      try error("list-admins --busy-timeout never").fault
        == .invalidValue(option: "--busy-timeout", value: "never", expected: .finiteDuration))
  }

  @Test(arguments: ["0", "-1", "", "1.5", "1e3", "١", "99999999999999999999", "0x10", "+1"])
  func `a limit is a number from 1`(_ text: String) throws {
    #expect(
      try error("list-unconfirmed --limit=\(text)").fault
        == .invalidValue(option: "--limit", value: text, expected: .number))
  }

  @Test(arguments: ["", "@", "a b", "a/b", "é b.example", "a@b.cd"])
  func `a domain is validated`(_ text: String) throws {
    let usage = try error(["list-unconfirmed", "--domain", text])
    #expect(usage.fault == .invalidValue(option: "--domain", value: text, expected: .domain))
  }

  @Test(arguments: [
    "", " ", "two\nlines", "tab\there", "bell\u{7}", String(repeating: "x", count: 1001),
  ])
  func `a reason is one line of text`(_ text: String) throws {
    let usage = try error(["unconfirm", "a@b.cd", "--reason", text])
    #expect(usage.fault == .invalidValue(option: "--reason", value: text, expected: .text))
  }

  @Test(arguments: [
    ("email", ["email"]), ("age,email", ["age", "email"]), ("id,id", ["id", "id"]),
  ])
  func `fields are columns of the list`(_ text: String, fields: [String]) throws {
    #expect(try parse("list-unconfirmed --fields \(text)").list.fields == fields)
  }

  @Test(arguments: [
    ("emal", "emal", "email"), ("email,", "", nil), ("", "", nil), ("email, age", " age", "age"),
    ("Email", "Email", "email"),
  ])
  func `an unknown field is reported with the nearest one`(
    _ text: String, field: String, suggestion: String?
  ) throws {
    let usage = try error(["list-unconfirmed", "--fields", text])
    guard case .invalidValue("--fields", let value, .fields(_, let nearest)) = usage.fault
    else { throw usage }
    #expect(value == field)
    #expect(nearest == suggestion)
  }

  // MARK: Format

  @Test(arguments: [
    ("list-admins", nil, OutputFormat.text), ("list-admins", "", .text),
    ("list-admins", "tsv", .tsv), ("list-admins --json", nil, .json),
    ("list-admins --json", "tsv", .json), ("list-admins --format jsonl", "tsv", .jsonl),
    ("--format=tsv list-admins", nil, .tsv), ("list-admins --json --format json", nil, .json),
  ])
  func `an option overrides REGCTL_FORMAT`(
    _ line: String, variable: String?, format: OutputFormat
  ) throws {
    let environment = variable.map { ["REGCTL_FORMAT": $0] } ?? [:]
    #expect(try globals(line, environment: environment).format == format)
  }

  @Test func `a value of REGCTL_FORMAT is checked like an option's`() throws {
    #expect(
      try error("list-admins", environment: ["REGCTL_FORMAT": "tvs"]).fault
        == .invalidValue(
          option: "REGCTL_FORMAT", value: "tvs",
          expected: .choice(OutputFormat.allCases.map(\.rawValue), suggestion: "tsv")))
  }

  @Test(arguments: [
    ("regster --json", OutputFormat.json), ("--format jsonl regster", .jsonl),
    ("regster --format=json", .json), ("regster --format", .text), ("regster -- --json", .text),
    ("regster --format yaml", .text), ("show-mail --limit 1 --json", .json),
    ("list-admins -x --json", .json), ("list-admins --json --format tsv", .json),
    // The value of an option is not an option.
    ("list-admins x --db --json", .text), ("list-admins x --config --format --json", .json),
  ])
  func `an error has the requested format`(
    _ line: String, format: OutputFormat
  ) throws {
    let outcome = outcome(line)
    #expect(throws: UsageError.self) { try outcome.result.get() }
    #expect(outcome.globals.format == format)
  }

  @Test func `with an invalid format an error has that of REGCTL_FORMAT`() throws {
    let outcome = outcome("list-admins --format=xml", environment: ["REGCTL_FORMAT": "json"])
    let error = try #require(throws: UsageError.self) { try outcome.result.get() }
    #expect(outcome.globals.format == .json)
    guard case .invalidValue("--format", "xml", _) = error.fault else { throw error }
  }

  @Test(arguments: ["list-admins x -qv", "-qv xyzzy", "show-mail --limit 1 -vq", "-v"])
  func `global errors are the same for every command`(_ line: String) throws {
    let outcome = outcome(line)
    #expect(throws: UsageError.self) { try outcome.result.get() }
    #expect(outcome.globals.verbose)
  }

  @Test(arguments: [
    ("register a@b.cd", "register"), ("-q --db x xyzzy --limit 1", "xyzzy"), ("-- show", "show"),
    ("--count list-unconfirmed", "list-unconfirmed"), ("--db", nil), ("", ""),
  ])
  func `the command is the first word that is neither an option nor a value`(
    _ line: String, command: String?
  ) {
    #expect(outcome(line).command == command)
  }

  @Test func `an option of the command may precede it`() throws {
    #expect(try parse("-nq migrate-db").command is MigrateDB)
    #expect(try parse("--limit=5 list-unconfirmed").command is ListUnconfirmed)
    #expect(
      try error("--no-such list-unconfirmed")
        == UsageError(.unknownOption("--no-such", suggestion: nil), command: "list-unconfirmed"))
  }

  @Test func `an argument that is not UTF-8 is named by its position`() throws {
    let arguments = ArgumentBytes(bytes: [Array("--json".utf8), Array("show".utf8), [0xff]])
    let outcome = CommandLineParser(environment: [:]).parse(arguments)
    #expect(outcome.globals.format == .json)
    let error = try #require(throws: UsageError.self) { try outcome.result.get() }
    #expect(error.fault == .notUTF8(position: 3))
  }

  @Test(arguments: [
    ("1", true), ("yes", true), ("", false), ("0", false), ("no", false), ("false", false),
  ])
  func `REGCTL_NO_INPUT can be switched off`(_ value: String, isOn: Bool) throws {
    let environment = ["REGCTL_NO_INPUT": value]
    #expect(try globals("list-admins", environment: environment).noInput == isOn)
    #expect(try globals("list-admins --no-input", environment: environment).noInput)
  }

  @Test func `REGCTL_CONFIG stands for the option`() throws {
    let environment = ["REGCTL_CONFIG": "a.conf"]
    #expect(try globals("config", environment: environment).config == "a.conf")
    #expect(
      try globals("config --config none", environment: environment).config == "none")
  }

  // MARK: Help and version

  @Test(arguments: [
    "-h", "--help", "-h register", "register -h", "register --help x y z", "-qh",
    "register --no-such-option -h", "xyzzy --help", "register a@b.cd --limit x -h", "-d -h x",
  ])
  func `help takes precedence over errors`(_ line: String) throws {
    #expect(try parse(line).command is regctl.Help)
  }

  @Test(arguments: ["register --no-password -- -h", "register --no-password -- --help"])
  func `after -- no word requests help`(_ line: String) throws {
    #expect(try parse(line).command is regctl.Register)
  }

  @Test(arguments: ["--version", "--version -v", "-q --version", "list-admins --version"])
  func `the version needs no command`(_ line: String) throws {
    #expect(try parse(line).command is Version)
  }
}
