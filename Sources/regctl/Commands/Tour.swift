internal import RegctlCore
internal import System

/// The `tour` command.
struct Tour: Command {
  static let name = "tour"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "Go through an account's life with real commands",
    description: """
      Makes a throw-away directory and runs the commands of an account's life in it,
      showing each command and what it prints: create a database and an
      administrator, register, deliver the mail into a Maildir, read the link from
      the mail, confirm, look at the history. Nothing outside the directory is
      touched, and the directory is removed at the end.
      """,
    options: [OptionUsage("keep", "Keep the directory to look around in it")],
    exitCodes: [.ok, .usage, .cannotCreate, .inputOutput, .noPermission, .configuration],
    examples: [Example("regctl tour", "See what regctl does")])

  private let keepsDirectory: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) { keepsDirectory = arguments.has("keep") }

  /// `TMPDIR`, unless others could change there what the tour has made.
  private static func parentDirectory(in context: Context) -> String {
    let parent = context.environment["TMPDIR"] ?? ""
    do throws(RegctlError) {
      return try FileTrust(uid: context.uid).check(parent).status == nil ? "/tmp" : parent
    } catch {
      return "/tmp"
    }
  }

  /// The configuration that the tour works with.
  private static func configuration(in directory: String) -> String {
    """
    db = \(directory)/regctl.db
    confirm_url = https://app.example/confirm/{token}
    service_name = Example
    mail_default_sender = Example <accounts@app.example>
    mail_transport = maildir
    maildir_path = \(directory)/Maildir
    bcrypt_cost = 10

    """
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let directory = try core { () throws(RegctlError) in
      try fileAccess(
        FileSystem.makeTemporaryDirectory(
          in: Self.parentDirectory(in: context), prefix: "regctl-tour"))
    }
    defer { if !keepsDirectory { FileSystem.removeTree(directory) } }
    let file = "\(directory)/regctl.conf"
    let settings = Self.configuration(in: directory)
    try core { () throws(RegctlError) in
      try fileAccess(FileSystem.create(file, content: Array(settings.utf8)))
    }
    let export = ShellCommand("export", "REGCTL_CONFIG=\(file)")
    try context.output.write("$ \(export.text)\n$ cat $REGCTL_CONFIG\n\(settings)")
    let guide = Guide(context: context.touring(configuration: file))
    let exitCode = try guide.walk(maildir: "\(directory)/Maildir/new")
    var report = Report(prose: .verbatim(""))
    if keepsDirectory { report.notes = ["the directory \(directory) is yours to remove"] }
    report.conclusion = { Report.Conclusion(exitCode: exitCode) }
    return report
  }
}

/// Walks through the stations of the tour.
private struct Guide {
  let context: Context

  /// Runs every station; the first that does not end as foretold ends the tour.
  func walk(maildir: String) throws(CommandError) -> ExitCode {
    let email = "ann@example.org"
    let beforeTheLink: [(explanation: String, words: [String], exitCode: ExitCode)] = [
      ("A database, a signing key, and somebody to administer it.", ["create-db"], .ok),
      (
        "The password is printed once and stored as a bcrypt hash.",
        ["create-admin", "admin@example.org", "--generate-password"], .ok
      ),
      (
        "Somebody signs up: account and mail are written together.",
        ["register", email, "--no-password"], .ok
      ),
      ("Twice is once.", ["register", "Ann@Example.org", "--no-password"], .refused),
      (
        "The mail waits for the next 'deliver', which cron runs every minute.", ["list-outbox"], .ok
      ),
      ("The link's token is made now, not when the mail was queued.", ["deliver"], .ok),
      ("Who has not confirmed?", ["list-unconfirmed"], .ok),
      ("A gate for scripts.", ["check", email], .refused),
    ]
    for station in beforeTheLink {
      try say(station.explanation)
      guard try run(station.words) == station.exitCode else { return .software }
    }
    try say("Ann opens the mail.")
    guard let link = try readLink(in: maildir) else { return .software }
    let afterTheLink: [(explanation: String, words: [String])] = [
      ("What is in it?", ["inspect-token", link]),
      ("She follows the link.", ["confirm", link]),
      ("So did her mail scanner; that is no error.", ["confirm", link]),
      ("Her history, for whoever has her on the phone.", ["show", email]),
      ("Nobody is left.", ["list-unconfirmed", "--count"]),
      ("Whom would the nightly cron job delete?", ["prune", "--dry-run"]),
    ]
    for station in afterTheLink {
      try say(station.explanation)
      guard try run(station.words) == .ok else { return .software }
    }
    try say("That was the tour. 'regctl help' lists the commands.")
    return .ok
  }

  private func say(_ explanation: String) throws(CommandError) {
    try context.output.write("\n# \(explanation)\n")
  }

  private func run(_ words: [String]) throws(CommandError) -> ExitCode {
    let shown = words.map { ShellWord($0)?.text ?? $0 }
    try context.output.write("$ regctl \(shown.joined(separator: " "))\n")
    try context.output.flush()
    let exitCode = Regctl.run(Words(words), in: context)
    if exitCode != .ok { try context.output.write("(exit \(exitCode.rawValue))\n") }
    return exitCode
  }

  /// Shows the plain text of the mail and returns the link in it.
  private func readLink(in maildir: String) throws(CommandError) -> String? {
    try context.output.write("$ cat Maildir/new/*\n")
    let content = try core { () throws(RegctlError) in
      try fileAccess(FileSystem.firstFile(in: maildir)).map { path throws(RegctlError) in
        try fileAccess(FileSystem.read(path, atMost: 1 << 20))
      }
    }
    guard let content else { return nil }
    let text = String(decoding: content, as: UTF8.self)
    let part = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.hasPrefix("Content-Type: text/html") }
    for line in part.dropLast() { try context.output.write("\(line)\n") }
    try context.output.write("[the same in HTML follows]\n")
    // A line that ends in an equals sign goes on in the next (RFC 2045, section 6.7).
    let unfolded = part.map { line in
      line.utf8.last == UInt8(ascii: "=") ? String(line.dropLast()) : "\(line)\n"
    }.joined()
    return unfolded.split(separator: "\n").first { $0.hasPrefix("https://app.example/") }
      .map(String.init)
  }
}

extension Context {
  /// The same world, whose configuration is one file and nothing of the user's own.
  fileprivate func touring(configuration: String) -> Context {
    var environment = environment.without(prefix: "REGCTL_")
    environment["REGCTL_CONFIG"] = configuration
    environment["REGCTL_NO_INPUT"] = "1"
    environment["CREDENTIALS_DIRECTORY"] = nil
    return Context(
      environment: environment, identity: identity, userName: userName, clock: clock, input: input,
      output: output, errorOutput: output, terminal: terminal)
  }
}
