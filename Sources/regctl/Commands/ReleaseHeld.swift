internal import RegctlCore

/// The `release-held` command.
struct ReleaseHeld: Command {
  static let name = "release-held"
  static let usage = CommandUsage(
    name: name, group: .mail, summary: "Send the mails that are held",
    description: """
      When more accounts are registered in an hour than flood_factor times the usual
      number, deliver holds their confirmation mails: robots that use the form would
      ruin the reputation of the sender. This command makes such mails due, all or
      those that the options select, as if they were new. Those of robots are
      cancelled by regctl cancel-mail --state held, or deleted with their accounts
      by regctl prune --wave.

      Registrations up to now no longer count, so that the mails are not held again.
      Without --yes, regctl asks.
      """,
    options: Selection.ofAccounts + Selection.ofChange + [StatedReason.option],
    exitCodes: [
      .ok, .refused, .usage, .data, .noInput, .noUser, .inputOutput, .temporary, .noPermission,
      .configuration,
    ],
    examples: [
      Example("regctl release-held --dry-run", "Whose mails are held?"),
      Example("regctl release-held --yes", "The registrations are genuine: send all"),
      Example("regctl release-held --domain example.org --yes", "Send those of a domain"),
    ])

  private let change: ChangeMails

  init(_ arguments: ParsedArguments) throws(UsageError) {
    change = try ChangeMails(.release, arguments, usually: [.held])
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    try change.run(in: context, named: Self.name, to: sink)
  }
}
