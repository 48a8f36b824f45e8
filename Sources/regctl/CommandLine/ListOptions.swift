internal import Base
internal import RegctlCore

/// The values of the options of commands that print a list.
struct ListOptions: Sendable {
  /// The columns to print, or `nil` for the default ones.
  var fields: [String]?
  var hasHeader = true

  /// The most rows to print, if that is limited.
  var limit: Int?

  /// Whether csv has text as it is, although a program for spreadsheets may take it for a formula.
  var isRaw = false

  static let fields = Option(
    "fields", ValueUsage("NAME,NAME", .fieldNames), "Columns to print (not for json)")
  static let noHeader = Switch("no-header", "Leave out the line with the names of the columns")
  static let raw = Switch("raw", "With csv, print what looks like a formula unchanged")
  static let declared: [any OptionDeclaration] = [fields, noHeader, raw]

  /// Creates the defaults: the default columns with a header.
  init() {}

  /// Reads the options of a command; a command that prints no list has none.
  init(_ arguments: ParsedArguments, of type: any Command.Type) throws(UsageError) {
    hasHeader = !arguments[Self.noHeader]
    isRaw = arguments[Self.raw]
    limit = try arguments[Selection.limit]
    fields = try Self.fields(arguments, among: type.columns(of: arguments).map(\.name))
  }

  /// The selected columns; an unknown name is an error.
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
