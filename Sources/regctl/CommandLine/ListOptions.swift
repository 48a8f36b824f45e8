internal import Base
internal import RegctlCore

/// What the options say that every command takes which prints a list.
struct ListOptions: Sendable {
  /// The columns to print, or `nil` for the usual ones.
  var fields: [String]?
  var hasHeader = true

  static let fields = Option(
    "fields", ValueUsage("NAME,NAME", .fieldNames), "Columns to print (text, tsv, jsonl)")
  static let noHeader = Switch("no-header", "Leave out the line with the names of the columns")
  static let declared: [any OptionDeclaration] = [fields, noHeader]

  /// The usual columns with a header.
  init() {}

  /// Reads the options for a command; one that prints no list has none of them.
  init(_ arguments: ParsedArguments, of type: any Command.Type) throws(UsageError) {
    hasHeader = !arguments[Self.noHeader]
    fields = try Self.fields(arguments, among: type.columns.map(\.name))
  }

  /// The names of columns, which must be among those that a list has.
  private static func fields(
    _ arguments: ParsedArguments, among names: [String]
  ) throws(UsageError) -> [String]? {
    guard let text = try arguments[fields] else { return nil }
    let chosen = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String($0) ?? "" }
    if let unknown = chosen.first(where: { !names.contains($0) }) {
      let nearest = EditDistance.nearest(to: unknown, among: names)
      throw arguments.invalid(fields, unknown, .fields(names, suggestion: nearest))
    }
    return chosen
  }
}
