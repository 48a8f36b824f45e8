internal import RegctlCore

/// The `import` command.
struct Import: Command {
  static let name = "import"
  static let usage = CommandUsage(
    name: name, group: .database, summary: "Import accounts with their password hashes",
    description: """
      Imports accounts from JSON, one object a line, or from CSV with a header; '-'
      reads standard input. email is needed; password, registered_on, admin,
      confirmed, confirmed_on and id are not. A password is a bcrypt hash; what is
      none is refused and never repeated. A date is kept as the table stores it,
      2026-11-23 09:00:00.000000, or is RFC 3339 and becomes UTC.

      A line that cannot be imported is named with its reason and stops no other.
      An account that is there already is never changed: the same again is fine, so
      an interrupted import is completed by another, and anything else is refused.
      Nothing is mailed: regctl resend --all-unconfirmed does that.
      """,
    operands: [OperandUsage("FILE|-", .file)],
    options: [
      OptionUsage("dry-run", short: "n", "Say what would become of every line, import none")
    ],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl import accounts.csv --dry-run", "Which lines would be refused, and why?"),
      Example("regctl import accounts.csv", "Import the others"),
      Example("regctl import - < accounts.jsonl", "What regctl export has written"),
    ])

  private let file: String
  private let isDryRun: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    file = arguments.onlyOperand
    isDryRun = arguments.has("dry-run")
  }

  func run(in context: Context) throws(CommandError) -> Report {
    let keyFile = try context.settings().effectiveSecretKeyFile
    // Opened as the caller, whose file it is.
    let work = try core { () throws(RegctlError) in
      try file == "-" ? context.input.accounts : AccountFile(path: file, keyFile: keyFile)
    }
    let configuration = try context.configuration()
    let store = try context.store(configuration, for: isDryRun ? .strictlyReadOnly : .writing)
    let run = try core { () throws(RegctlError) in
      try RegctlCore.Import(
        work, named: file == "-" ? "standard input" : file, into: store, isDryRun: isDryRun,
        at: context.now, by: context.actor)
    }
    return ImportResult(run, isDryRun: isDryRun, context: context).report
  }
}
