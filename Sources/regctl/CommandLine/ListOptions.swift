internal import RegctlCore

/// What the options say that every command takes which prints a list.
struct ListOptions: Sendable {
  /// The columns to print, or `nil` for the usual ones.
  var fields: [String]?
  var hasHeader = true

  static let usage = [
    OptionUsage(
      "fields", ValueUsage("NAME,NAME", .fieldNames), "Columns to print (text, tsv, jsonl)"),
    OptionUsage("no-header", "Leave out the line with the names of the columns"),
  ]

  /// The usual columns with a header.
  init() {}

  /// Reads the options for a command; one that prints no list has none of them.
  init(_ arguments: ParsedArguments, of type: any Command.Type) throws(UsageError) {
    hasHeader = !arguments.has("no-header")
    fields = try arguments.fields(among: type.columns)
  }
}
