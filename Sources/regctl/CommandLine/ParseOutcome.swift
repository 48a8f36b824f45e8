/// A command that was understood.
struct Invocation {
  let command: any Command
  let list: ListOptions
}

/// What was made of a command line; what it says to every command is known in either case.
struct ParseOutcome {
  let globals: GlobalOptions

  /// The word in the place of a command, whether there is such a command or not.
  let command: String?
  let result: Result<Invocation, UsageError>
}
