internal import RegctlCore
internal import System

/// The `tour` command.
struct Tour: Command {
  private static let keep = Switch("keep", "Keep the directory")

  static let name = "tour"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "Show the commands at work in a temporary directory",
    description: """
      Creates a temporary directory and runs the usual commands in it, showing each
      command and its output: create a database and an administrator, register an
      account, deliver the mail into a Maildir, read the link from the mail,
      confirm, show the history. Nothing outside the directory is changed, and the
      directory is removed at the end.
      """,
    options: [keep],
    exitCodes: [.ok, .usage, .cannotCreate, .inputOutput, .noPermission, .configuration],
    examples: [Example("regctl tour", "See regctl at work")])

  private let keepsDirectory: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) { keepsDirectory = arguments[Self.keep] }

  /// `TMPDIR`, unless other users could change files of the tour there.
  private static func parentDirectory(in context: Context) -> String {
    let parent = context.environment["TMPDIR"] ?? ""
    do throws(RegctlError) {
      return try FileTrust(uid: context.uid).check(parent).status == nil ? "/tmp" : parent
    } catch {
      return "/tmp"
    }
  }

  /// The configuration file of the tour.
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

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let directory = try core(
      fileAccess(
        FileSystem.makeTemporaryDirectory(
          in: Self.parentDirectory(in: context), prefix: "regctl-tour")))
    defer { if !keepsDirectory { FileSystem.removeTree(directory) } }
    let file = "\(directory)/regctl.conf"
    let settings = Self.configuration(in: directory)
    try core(fileAccess(FileSystem.create(file, content: Array(settings.utf8))))
    let export = ShellCommand("export", "REGCTL_CONFIG=\(file)")
    sink.print("$ \(export.text)\n$ cat $REGCTL_CONFIG\n\(settings)")
    let guide = Guide(context: context.touring(configuration: file), sink: sink)
    var summary = Summary()
    summary.exitCode = try guide.walk(maildir: "\(directory)/Maildir/new")
    if keepsDirectory { summary.notes = ["the directory \(directory) is yours to remove"] }
    return summary
  }
}

/// Runs the steps of the tour.
private struct Guide {
  let context: Context
  let sink: RowSink

  /// Runs every step; an unexpected exit code ends the tour, and so does a closed output pipe.
  func walk(maildir: String) throws(CommandError) -> ExitCode {
    let email = "ann@example.org"
    let beforeTheLink: [(explanation: String, words: [String], exitCode: ExitCode)] = [
      ("Create a database, a signing key and an administrator.", ["create-db"], .ok),
      (
        "The password is printed once and stored as a bcrypt hash.",
        ["create-admin", "admin@example.org", "--generate-password"], .ok
      ),
      (
        "Register an account: account and mail are written in one transaction.",
        ["register", email, "--no-password"], .ok
      ),
      (
        "Registering the same address again is refused.",
        ["register", "Ann@Example.org", "--no-password"], .refused
      ),
      (
        "The mail is queued until the next 'deliver', which cron runs every minute.",
        ["list-outbox"], .ok
      ),
      ("The token of the link is issued now, not when the mail was queued.", ["deliver"], .ok),
      ("List the unconfirmed accounts.", ["list-unconfirmed"], .ok),
      ("Check an account in a script.", ["check", email], .refused),
    ]
    for station in beforeTheLink {
      say(station.explanation)
      guard sink.hasReader else { return .ok }
      guard run(station.words) == station.exitCode else { return .software }
    }
    say("Ann opens the mail.")
    guard let link = try readLink(in: maildir) else { return .software }
    let afterTheLink: [(explanation: String, words: [String])] = [
      ("Inspect the token.", ["inspect-token", link]),
      ("Ann follows the link.", ["confirm", link]),
      ("Following it again is not an error: mail scanners open links too.", ["confirm", link]),
      ("Show the history of the account.", ["show", email]),
      ("No unconfirmed account is left.", ["list-unconfirmed", "--count"]),
      ("Which accounts would the nightly cron job delete?", ["prune", "--dry-run"]),
    ]
    for station in afterTheLink {
      say(station.explanation)
      guard sink.hasReader else { return .ok }
      guard run(station.words) == .ok else { return .software }
    }
    say("That was the tour. 'regctl help' lists the commands.")
    return .ok
  }

  private func say(_ explanation: String) { sink.print("\n# \(explanation)\n") }

  private func run(_ words: [String]) -> ExitCode {
    let shown = words.map { ShellWord($0)?.text ?? $0 }
    sink.print("$ regctl \(shown.joined(separator: " "))\n")
    let exitCode = Regctl.run(ArgumentBytes(words), in: context)
    if exitCode != .ok { sink.print("(exit \(exitCode.rawValue))\n") }
    return exitCode
  }

  /// Shows the plain text of the mail and returns the link in it.
  private func readLink(in maildir: String) throws(CommandError) -> String? {
    sink.print("$ cat Maildir/new/*\n")
    guard let path = try core(fileAccess(FileSystem.firstFile(in: maildir))) else { return nil }
    let content = try core(fileAccess(FileSystem.read(path, atMost: 1 << 20)))
    let text = String(decoding: content, as: UTF8.self)
    let part = text.split(separator: "\n", omittingEmptySubsequences: false)
      .prefix { !$0.hasPrefix("Content-Type: text/html") }
    for line in part.dropLast() { sink.print("\(line)\n") }
    sink.print("[the same in HTML follows]\n")
    // A line that ends in an equals sign continues on the next one (RFC 2045, section 6.7).
    let unfolded = part.map { line in
      line.utf8.last == UInt8(ascii: "=") ? String(line.dropLast()) : "\(line)\n"
    }.joined()
    return unfolded.split(separator: "\n").first { $0.hasPrefix("https://app.example/") }
      .map(String.init)
  }
}

extension RowSink {
  /// Prints and flushes text, before a command of the tour prints more.
  fileprivate func print(_ text: String) { writeRaw(flushing: true) { $0 += text.utf8 } }
}

extension Context {
  /// The same context with one configuration file, without settings from the user's environment.
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
