internal import RegctlCore

/// Says what a command did or why it did not: results on standard output, all else on standard error.
struct Voice {
  private let context: Context
  private let words: Words

  /// A voice for words that may not even make sense.
  init(words: Words, context: Context) {
    self.words = words
    self.context = context
  }

  /// Prints a report and returns its exit code.
  func speak(_ report: Report, of invocation: Invocation) throws(CommandError) -> ExitCode {
    let globals = invocation.globals
    let renderer = ReportRenderer(
      output: context.output, format: globals.format, options: invocation.list,
      isQuiet: globals.quiet, isTerminal: context.terminal.outputIsTerminal)
    try renderer.render(report)
    let isText = globals.format == .text
    let conclusion = report.conclusion()
    for failure in conclusion.failures {
      say(failure, about: invocation.name, format: globals.format)
    }
    if !globals.quiet {
      for note in report.notes + conclusion.notes { context.say("regctl: \(note)\n", .warning) }
      if isText, context.terminal.errorIsTerminal, let next = report.next {
        context.say("next: \(next.text)\n", .informational)
      }
    }
    if let signal = conclusion.signal { context.die(signal) }
    return conclusion.exitCode
  }

  /// Says what went wrong and returns the exit code.
  func speak(_ error: CommandError) -> ExitCode {
    // Whoever reads only the beginning of a list has what he wants.
    if case .output(_, isClosedPipe: true) = error { return .ok }
    // Tab is no place for errors.
    if CommandLineParser.commandWord(in: words.lossyTexts) == Complete.name { return .ok }
    let format = CommandLineParser(environment: context.environment).likelyFormat(of: words)
    if case .usage(UsageError(.noCommand)) = error, words.all.isEmpty, format == .text {
      context.say(HelpText(isBold: false).brief(), .error)
      return .usage
    }
    let isVerbose = words.all.contains { ["-v", "--verbose"].map { Array($0.utf8) }.contains($0) }
    let diagnostic = Diagnostic(error, now: context.clock(), isVerbose: isVerbose)
      .explaining(context.identity.owner)
    say(diagnostic, about: name(of: error), format: format)
    return diagnostic.exitCode
  }

  /// The command that failed: a usage error knows best, and may have none.
  private func name(of error: CommandError) -> String? {
    if case .usage(let usage) = error { return usage.command.flatMap { $0.isEmpty ? nil : $0 } }
    return CommandLineParser.commandWord(in: words.lossyTexts)
  }

  private func say(_ diagnostic: Diagnostic, about name: String?, format: OutputFormat) {
    switch format {
    case .json, .jsonl:
      var line: [UInt8] = []
      JSONRenderer.append(diagnostic.fields, to: &line)
      context.say(String(decoding: line, as: UTF8.self) + "\n", diagnostic.severity)
    case .text, .tsv:
      let subject = name.map { "\($0): " } ?? ""
      let hint = diagnostic.hint.map { "hint: \($0)\n" } ?? ""
      context.say("regctl: \(subject)\(diagnostic.message)\n\(hint)", diagnostic.severity)
    }
  }
}
