internal import RegctlCore

/// What a command lists or changes, by the options that are the same in every command.
struct Selection: Sendable {
  static let since = Option<TimeReference>.time(
    "since", synonyms: ["--newer-than"], "Only from then on: a date, time or age")
  static let until = Option<TimeReference>.time(
    "until", synonyms: ["--older-than"], "Only until then: a date, time or age")
  static let domain = Option<String>.domain("domain", "Only addresses of this domain")
  static let email = RepeatableOption<String>.email("email", "Only this account")
  static let file = Option(
    "file", ValueUsage("FILE|-", .file), "Only accounts whose addresses are in a file")
  static let stdin = Switch("stdin", "Only accounts whose addresses are on standard input")
  static let newest = Switch("newest", "Begin with the newest")
  static let limit = Option<Int>.count("limit", "At most N")
  static let count = Switch("count", "Print only how many there are")
  static let dryRun = Switch("dry-run", short: "n", "Show what would be done, change nothing")
  static let yes = Switch("yes", short: "y", "Do not ask")

  /// Which accounts, and of which time.
  static let ofAccounts: [any OptionDeclaration] = [since, until, domain, email, file, stdin]

  /// The order and length of a list.
  static let ofList: [any OptionDeclaration] = [newest, limit, count] + ListOptions.declared

  /// How many are changed, and how carefully.
  static let ofChange: [any OptionDeclaration] = [newest, limit, dryRun, yes]

  let domain: String?
  let limit: Int
  let isNewestFirst: Bool
  private let since: TimeReference?
  private let until: TimeReference?
  private let named: NamedAccounts?

  init(_ arguments: ParsedArguments) throws(UsageError) {
    since = try arguments[Self.since]
    until = try arguments[Self.until]
    domain = try arguments[Self.domain]
    named = try NamedAccounts(arguments)
    isNewestFirst = arguments[Self.newest]
    limit = try arguments[Self.limit] ?? .max
    try arguments.refuse(Self.count, with: ListOptions.fields)
  }

  /// The time that is selected, from the first instant to the one before the second; `nil` if that is
  /// none.
  func interval(at now: LocalNow) -> (since: Instant?, before: Instant?)? {
    guard let until else { return (since?.start(at: now), nil) }
    guard let before = until.end(at: now) else { return nil }
    return (since?.start(at: now), before)
  }

  /// The addresses that name the accounts; `nil` if none is named.
  ///
  /// Read before root works as another user, with the permissions of the caller.
  func addresses(in context: Context) throws(CommandError) -> [String]? {
    guard let named else { return nil }
    return try named.addresses(in: context)
  }
}
