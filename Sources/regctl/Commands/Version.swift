internal import RegctlCore

/// The implementation of `--version`.
struct Version: Command {
  static let name = "--version"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "", description: "", exitCodes: [], examples: [])

  init() {}
  init(_ arguments: ParsedArguments) throws(UsageError) {}

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let version = ReportField("version", .text(Regctl.version))
    let line = "regctl \(Regctl.version)"
    // The libraries are loaded only where their versions are printed.
    guard context.globals.hasAllFields else {
      return Summary([version], answer: [line])
    }
    let libraries = Library.all
    return Summary(
      [version] + libraries.flatMap(Self.fields) + [
        ReportField("db_schema", ReportValue(Store.schemaVersion)),
        ReportField("swift", .text(Self.swift)),
      ],
      answer: [line] + libraries.flatMap(Self.lines) + [
        "db_schema \(Store.schemaVersion)", "swift \(Self.swift)",
      ])
  }

  /// The version of the standard library that is linked, without the patch, which it does not tell.
  private static var swift: String {
    let numbers = _SwiftStdlibVersion.current.description.split(separator: ".")
    return numbers.prefix(2).joined(separator: ".")
  }

  private static func fields(of library: Library) -> [ReportField] {
    let version = ReportField(library.name, ReportValue(library.version))
    guard !library.options.isEmpty else { return [version] }
    let options = ReportValue.list(library.options.map(ReportValue.text))
    return [version, ReportField("\(library.name)_options", options)]
  }

  private static func lines(about library: Library) -> [String] {
    let version = "\(library.name) \(library.version ?? "not installed")"
    guard !library.options.isEmpty else { return [version] }
    return [version, "\(library.name)_options \(library.options.joined(separator: ","))"]
  }
}
