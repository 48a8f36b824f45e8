internal import RegctlCore

/// The implementation of `--version`.
struct Version: Command {
  static let name = "--version"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "", description: "", exitCodes: [], examples: [])

  init() {}
  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let libraries = Store.libraries + [("openssl", TokenAuthority.libraryVersion)]
    var lines = ["regctl \(Regctl.version)"]
    if context.globals.verbose { lines += libraries.map { "\($0.0) \($0.1)" } }
    return Summary(
      [ReportField("version", .text(Regctl.version))]
        + libraries.map { ReportField($0.0, .text($0.1)) }, answer: lines)
  }
}
