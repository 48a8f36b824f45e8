internal import Glibc

/// The program: words in, an exit code out.
@main enum Regctl {
  /// The version, as `--version` prints it.
  static let version = "0.1.0"

  static func main() {
    exit(run(Words.ofProcess(), in: .live()).rawValue)
  }

  /// Parses, runs and renders one command; nothing else prints or decides the exit code.
  static func run(_ words: Words, in context: Context) -> ExitCode {
    let voice = Voice(words: words, context: context)
    do throws(CommandError) {
      let invocation = try CommandLineParser(environment: context.environment).parse(words)
      let report = try invocation.command.run(in: context.obeying(invocation.globals))
      return try voice.speak(report, of: invocation)
    } catch {
      return voice.speak(error)
    }
  }
}
