internal import Glibc
internal import RegctlCore

/// The program: takes arguments and returns an exit code.
@main enum Regctl {
  /// The version, as `--version` prints it.
  static let version = "0.1.0"

  static func main() {
    exit(run(ArgumentBytes.ofProcess(), in: .live()).rawValue)
  }

  /// Parses, runs and prints one command; nothing else prints or decides the exit code.
  static func run(_ arguments: ArgumentBytes, in context: Context) -> ExitCode {
    let parsed = CommandLineParser(environment: context.environment).parse(arguments)
    let context = context.obeying(parsed.globals)
    guard let zone = context.displayZone else { return run(parsed, arguments, in: context) }
    return DisplayZone.$current.withValue(zone) { run(parsed, arguments, in: context) }
  }

  private static func run(
    _ parsed: ParseResult, _ arguments: ArgumentBytes, in context: Context
  ) -> ExitCode {
    let printer = ResultPrinter(in: context, command: parsed.command)
    switch parsed.result {
    case .success(let invocation):
      let sink = RowSink(
        context.output, format: parsed.globals.format, options: invocation.list,
        isQuiet: parsed.globals.quiet, isTerminal: context.terminal.outputIsTerminal,
        style: context.textStyle, pager: context.pager)
      do throws(CommandError) {
        return try printer.print(
          invocation.command.run(in: context.acting(for: invocation.reason), to: sink), to: sink)
      } catch {
        return printer.print(error, to: sink)
      }
    case .failure(let error):
      return printer.print(error, isEmpty: arguments.isEmpty)
    }
  }
}
