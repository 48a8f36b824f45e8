/// The accounts that `--email`, `--file` and `--stdin` name.
struct NamedAccounts: Sendable {
  private let emails: [String]
  private let path: String?

  /// `nil` if none of the options was given.
  init?(_ arguments: ParsedArguments) throws(UsageError) {
    try arguments.refuse(Selection.file, with: Selection.stdin)
    emails = try arguments[Selection.email]
    path = arguments[Selection.stdin] ? "-" : try arguments[Selection.file]
    if emails.isEmpty, path == nil { return nil }
  }

  /// The words of `--email`, then the addresses of the file.
  func addresses(in context: Context) throws(CommandError) -> [String] {
    guard let path else { return emails }
    return emails + (try AddressFile(path: path, context.input).addresses())
  }
}
