internal import RegctlCore

/// The implementation of `--version`.
struct Version: Command {
  static let name = "--version"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "", description: "", exitCodes: [], examples: [])

  init() {}
  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let libraries: [(name: String, version: String?)] =
      Store.libraries.map { ($0.name, $0.version) }
      + [("openssl", TokenAuthority.libraryVersion)]
    var lines = ["regctl \(Regctl.version)"]
    if context.globals.verbose {
      lines += libraries.map { "\($0.name) \($0.version ?? "not available")" }
    }
    return Summary(
      [ReportField("version", .text(Regctl.version))]
        + libraries.map { ReportField($0.name, ReportValue($0.version)) }, answer: lines)
  }
}
