internal import RegctlCore

/// How results are printed.
enum OutputFormat: String, CaseIterable, Sendable { case text, json, jsonl, tsv }

/// When colour is used.
enum ColorChoice: String, CaseIterable, Sendable { case auto, always, never }

/// What the options say that every command takes.
struct GlobalOptions: Sendable {
  var db: String?
  var config: String?
  var format: OutputFormat = .text
  var color: ColorChoice = .auto
  var noInput = false
  var quiet = false
  var verbose = false
  var busyTimeout: String?

  /// The options that are settings of the configuration, by key.
  var settings: ConfigurationLoader.Options {
    let given = [("db", "--db", db), ("busy_timeout", "--busy-timeout", busyTimeout)]
    return given.compactMap { key, option, value in value.map { (key, option, $0) } }
  }
}

/// A command with everything that was said beside it.
struct Invocation {
  let command: any Command
  let globals: GlobalOptions
  let list: ListOptions

  /// The name of the command, to begin error messages with.
  let name: String
}
