internal import RegctlCore

/// Prints the result of a command: the summary, and messages on standard error.
struct ResultPrinter {
  private let context: Context

  /// The command to name in messages, if one was recognised.
  private let command: String?

  init(in context: Context, command: String?) {
    self.context = context
    self.command = command
  }

  /// Completes the result, prints the summary, and returns the exit code.
  func print(_ summary: Summary, to sink: RowSink) throws(CommandError) -> ExitCode {
    var summary = summary
    try sink.finish(summary)
    if let note = sink.emptyNote { summary.notes.append(note) }
    for failure in summary.failures { print(failure, about: command) }
    if !context.globals.quiet {
      let sentences = sink.holdsPayload ? summary.sentences : []
      for warning in summary.warnings { context.say("regctl: warning: \(warning)\n", .warning) }
      for note in sentences + summary.notes { context.say("regctl: \(note)\n", .informational) }
      if context.globals.format == .text, context.terminal.errorIsTerminal, let next = summary.next
      {
        context.say("next: \(next.text)\n", .informational)
      }
    }
    if let signal = summary.signal { context.die(signal) }
    return summary.exitCode
  }

  /// Prints the error of a command, and completes a JSON object that it has begun.
  func print(_ error: CommandError, to sink: RowSink) -> ExitCode {
    sink.endPaging()
    // A closed pipe is not an error, as the reader needs no more; completion prints no errors.
    if case .output(_, isClosedPipe: true) = error { return .ok }
    if command == Complete.name { return .ok }
    let diagnostic = context.diagnostic(error).explaining(context.identity.owner)
      .suggesting(context.fileOwner(in: error))
    sink.fail(diagnostic)
    if case .usage(let usage) = error {
      print(diagnostic, about: usage.command)
    } else {
      print(diagnostic, about: command)
    }
    return diagnostic.exitCode
  }

  /// Prints a usage error; for an empty command line, the short help.
  func print(_ error: UsageError, isEmpty: Bool) -> ExitCode {
    if command == Complete.name { return .ok }
    if isEmpty, error.fault == .noCommand, context.globals.format == .text {
      context.say(HelpText(isBold: false).brief(), .error)
      return .usage
    }
    let diagnostic = Diagnostic(error)
    print(diagnostic, about: error.command)
    return diagnostic.exitCode
  }

  private func print(_ diagnostic: Diagnostic, about command: String?) {
    switch context.globals.format {
    case .json, .jsonl:
      var line: [UInt8] = []
      JSONRenderer.append(
        [ReportField("schema", .integer(1)), ReportField("error", diagnostic.object)], to: &line)
      context.say(String(decoding: line, as: UTF8.self) + "\n", diagnostic.severity)
    case .text, .tsv, .csv:
      let subject = command.map { "\($0): " } ?? ""
      let hint = diagnostic.hint.map { "hint: \($0)\n" } ?? ""
      context.say("regctl: error: \(subject)\(diagnostic.message)\n\(hint)", diagnostic.severity)
    }
  }
}
