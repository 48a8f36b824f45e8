/// A successfully parsed command line.
struct Invocation {
  let command: any Command
  let list: ListOptions
  var reason = StatedReason.unneeded
}

/// The result of parsing a command line; the global options are known in either case.
struct ParseResult {
  let globals: GlobalOptions

  /// The first operand, even if no command has this name.
  let command: String?
  let result: Result<Invocation, UsageError>
}
