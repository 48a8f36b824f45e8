internal import Glibc
internal import RegctlCore
internal import System

/// The environment of a command: variables, user, clock, streams and terminal.
struct Context {
  let environment: Environment

  /// The effective user of the process.
  let identity: ProcessIdentity

  /// The login name of the user who started regctl.
  let userName: () -> String?
  let clock: () -> Instant

  /// The time that passes, which no one sets.
  var stopwatch: () -> ContinuousClock.Instant = { .now }
  let input: InputSource
  let output: OutputStream
  let errorOutput: OutputStream
  let terminal: Terminal
  private(set) var globals = GlobalOptions()
  private(set) var reason = StatedReason.unneeded

  /// The context of this process.
  static func live() -> Context {
    signal(SIGPIPE, SIG_IGN)
    signal(SIGXFSZ, SIG_IGN)
    ProcessSetup.apply()
    let environment = environmentOfProcess()
    // Read now: root may have switched to another user later.
    let caller = getuid()
    return Context(
      environment: environment, identity: ProcessIdentity(uid: geteuid()),
      userName: { User(uid: caller).name },
      clock: timeOfDay, input: InputSource(descriptor: STDIN_FILENO),
      output: OutputStream(descriptor: STDOUT_FILENO, name: "standard output"),
      errorOutput: OutputStream(descriptor: STDERR_FILENO, name: "standard error"),
      terminal: .live(journal: environment["JOURNAL_STREAM"]))
  }

  /// The same context with the global options of an invocation.
  func obeying(_ globals: GlobalOptions) -> Context {
    var context = self
    context.globals = globals
    return context
  }

  /// The same context with the reason for what a command changes.
  func acting(for reason: StatedReason) -> Context {
    var context = self
    context.reason = reason
    return context
  }

  // MARK: For commands

  /// The current time.
  var now: Instant { clock() }

  /// The current time by the clocks of the user.
  var localNow: LocalNow { local(now) }

  /// A time of the clock by the clocks of the user.
  func local(_ now: Instant) -> LocalNow { LocalNow(now, variable: environment["TZ"]) }

  /// The effective user; root until it has switched to the owner of the database.
  var uid: UInt32 { identity.uid }

  /// The effective configuration, in which options of the command override settings.
  ///
  /// After this call root works as the owner of the database (`ProcessIdentity`). Files of the
  /// caller must be opened before; `passwordFile` is opened here, so that it can be read later.
  func configuration(
    overriding options: ConfigurationLoader.Options = [], passwordFile: String? = nil
  ) throws(CommandError) -> Configuration {
    if let known = identity.configuration { return known }
    let settings = try settings(overriding: options)
    return try core(identity.work(on: settings, passwordFile: passwordFile))
  }

  /// The effective configuration, without switching from root to another user.
  func settings(
    overriding options: ConfigurationLoader.Options = []
  ) throws(CommandError) -> Configuration {
    try core(
      ConfigurationLoader(environment: environment, uid: uid)
        .load(file: globals.config, options: globals.settings + options))
  }

  /// Opens the configured database.
  ///
  /// Before it is opened for writing, this throws if a reason is required and was not given, and if
  /// audit entries cannot be written because OpenSSL is not available.
  func store(
    _ configuration: Configuration, for access: Store.Access, writesAudit: Bool = true
  ) throws(CommandError) -> Store {
    if access == .writing {
      try requireReason(by: configuration)
      if writesAudit { try core(SHA256.check()) }
    }
    let store = try core(
      Store.open(
        configuration.db, mapping: configuration.users, for: access,
        busyTimeout: configuration.busyTimeout, zone: configuration.databaseZone))
    store.passwordScheme = configuration.passwordPolicy.scheme
    return store
  }

  /// The line of `deny_domains_file` that denies an address; `nil` if none does.
  func denial(
    of address: EmailAddress, by configuration: Configuration
  ) throws(CommandError) -> DeniedDomain? {
    guard let domains = try core(DeniedDomains(configuration, uid: uid)) else { return nil }
    return try core(domains.line(denying: address))
  }

  /// Throws if the configuration requires a reason and the command, which takes one, has none.
  func requireReason(by configuration: Configuration) throws(CommandError) {
    guard configuration.requiresReason, case .missing(let command) = reason else { return }
    throw .usage(UsageError(.reasonRequired, command: command))
  }

  /// Whether to use colour, by option, `NO_COLOR`, `CLICOLOR_FORCE`, `TERM` and terminal, in order.
  var usesColor: Bool {
    switch globals.color {
    case .always: return true
    case .never: return false
    case .auto: break
    }
    if let value = environment["NO_COLOR"], !value.isEmpty { return false }
    if let value = environment["CLICOLOR_FORCE"], !value.isEmpty, value != "0" { return true }
    return environment["TERM"] != "dumb" && terminal.outputIsTerminal && !terminal.errorIsJournal
  }

  /// The zone in which text shows times: with `--local` that of `TZ`, without `TZ` that of the
  /// system; `nil` for UTC, as in all other formats.
  var displayZone: DatabaseZone? {
    guard globals.isLocal, globals.format == .text else { return nil }
    return .ofClocks(variable: environment["TZ"])
  }

  /// How text is adapted to the terminal: `COLUMNS`, if it is a number, is its width.
  var textStyle: TextStyle {
    let columns = terminal.size.map { environment.count("COLUMNS") ?? $0.columns }
    return TextStyle(width: globals.isWide ? nil : columns, usesColor: usesColor)
  }

  /// The program that shows text longer than the terminal; `nil` where text is printed at once.
  var pager: Pager? {
    guard globals.format == .text, !globals.noPager, !globals.noInput else { return nil }
    let lines = terminal.size.map { environment.count("LINES") ?? $0.lines }
    return Pager(environment, height: lines)
  }

  /// The actor of audit entries, with the reason: the user who called sudo, otherwise the user who
  /// runs regctl.
  ///
  /// A user who sets `SUDO_USER` without sudo can only change a database of their own.
  var actor: Actor {
    let name = environment["SUDO_USER"] ?? userName() ?? "uid \(identity.caller)"
    let visible = name.utf8.filter { $0 > 0x20 && $0 < 0x7f }.prefix(64)
    return Actor(
      name: String(decoding: visible, as: UTF8.self), uid: identity.caller, reason: reason.text)
  }

  /// The message for an error.
  func diagnostic(_ error: CommandError) -> Diagnostic {
    Diagnostic(error, now: now, isVerbose: globals.verbose)
  }

  /// The owner of the file that this user may not read according to an error; `nil` for other errors,
  /// and for the user's own files.
  func fileOwner(in error: CommandError) -> User? {
    guard uid != 0, case .core(.file(let error)) = error, error.isDenied else { return nil }
    let owner = FileSystem.visibleOwner(of: error.path)
    return owner?.uid == uid ? nil : owner
  }

  /// Asks for confirmation of a change that is hard to undo, unless `--yes` was given.
  func confirm(
    _ question: String, isSure: Bool, command: String
  ) throws(CommandError) -> Bool {
    if isSure { return true }
    let answer = globals.noInput ? nil : terminal.confirm(question)
    guard let answer else {
      throw .usage(
        UsageError(.needsInput(what: "confirmation is needed", options: "--yes"), command: command))
    }
    return answer
  }

  /// Writes to standard error; for the journal, with the severity before each line.
  func say(_ text: String, _ severity: Severity) {
    var text = text
    if terminal.errorIsJournal {
      text = text.split(separator: "\n").map { "\(severity.journalPrefix)\($0)\n" }.joined()
    }
    // A failure of standard error cannot be reported; the exit code is unaffected.
    try? errorOutput.write(text)
    try? errorOutput.flush()
  }

  // MARK: Process

  /// Terminates the process by a signal, so that the parent process sees the cause.
  func die(_ number: Int32) {
    signal(number, SIG_DFL)
    raise(number)
  }

  private static func environmentOfProcess() -> Environment {
    var variables: [(name: String, value: String)] = []
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if let equals = text.utf8.firstIndex(of: UInt8(ascii: "=")) {
        variables.append(
          (String(text[..<equals]), String(text[text.utf8.index(after: equals)...])))
      }
      unsafe next = next.advanced(by: 1)
    }
    var environment = Environment(variables)
    if environment["HOME"] == nil { environment["HOME"] = homeOfUser() }
    return environment
  }

  /// The home directory from the user database, for services and cron jobs without `HOME`.
  private static func homeOfUser() -> String? {
    guard let entry = unsafe getpwuid(getuid()), let home = unsafe entry.pointee.pw_dir else {
      return nil
    }
    return unsafe String(cString: home)
  }

  private static func timeOfDay() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &time)
    return Instant(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
  }
}

extension Environment {
  /// The value of a variable that is a positive number.
  fileprivate func count(_ name: String) -> Int? {
    self[name].flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }
}

/// Evaluates a call of the core and converts its error.
func core<Result>(
  _ body: @autoclosure () throws(RegctlError) -> Result
) throws(CommandError) -> Result {
  do throws(RegctlError) {
    return try body()
  } catch {
    throw .core(error)
  }
}
