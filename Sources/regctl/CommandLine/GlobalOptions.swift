internal import Base
internal import RegctlCore

/// How results are printed.
enum OutputFormat: String, CaseIterable, Sendable { case text, json, jsonl, tsv, csv }

/// When colour is used.
enum ColorChoice: String, CaseIterable, Sendable { case auto, always, never }

/// The values of the options that every command accepts.
struct GlobalOptions: Sendable {
  static let db = Option("db", short: "d", ValueUsage("PATH|URI", .file), "Database")
  static let config = Option(
    "config", ValueUsage("FILE", .file), "Configuration file; none for no file")
  static let format = Option<OutputFormat>.choice("format", "How results are printed")
  static let json = Switch("json", "The same as --format json")
  static let color = Option<ColorChoice>.choice("color", "When to use colour")
  static let local = Switch("local", "Show times in text in local time, not in UTC")
  static let wide = Switch("wide", "Do not fit tables and lines to the terminal")
  static let noPager = Switch("no-pager", "Do not show long output page by page")
  static let noInput = Switch("no-input", "Never ask; fail instead")
  static let quiet = Switch("quiet", short: "q", "Print nothing but results and errors")
  static let verbose = Switch("verbose", short: "v", "Print more about errors and versions")
  static let busyTimeout = Option<TimeSpan>.duration(
    "busy-timeout", unit: "s", "How long to wait for another writer")
  static let help = Switch("help", short: "h", "Print help and exit")
  static let version = Switch("version", "Print the version and exit")

  /// All global options, in the order of help.
  static let usages: [OptionUsage] = {
    let declared: [any OptionDeclaration] = [
      db, config, format, json, color, local, wide, noPager, noInput, quiet, verbose, busyTimeout,
      help, version,
    ]
    return declared.map(\.usage)
  }()

  var db: String?
  var config: String?
  var format: OutputFormat = .text
  var color: ColorChoice = .auto
  var isLocal = false
  var isWide = false
  var noPager = false
  var noInput = false
  var quiet = false
  var verbose = false
  var busyTimeout: String?

  /// Whether fields are printed that text has only with `--verbose`.
  var hasAllFields: Bool { verbose || format != .text }

  /// Creates the defaults.
  init() {}

  /// Reads the options and their environment variables; each invalid value is passed to `refuse`
  /// and the default is used.
  init(
    _ arguments: ParsedArguments, _ environment: Environment, refuse: (UsageError) -> Void
  ) {
    func read<Value>(_ body: () throws(UsageError) -> Value?) -> Value? {
      do throws(UsageError) {
        return try body()
      } catch {
        refuse(error)
        return nil
      }
    }
    db = arguments.text(of: Self.db)
    config = arguments.text(of: Self.config) ?? environment["REGCTL_CONFIG"]
    busyTimeout = arguments.text(of: Self.busyTimeout)
    if let text = busyTimeout,
      case .never? = read({ () throws(UsageError) in try arguments[Self.busyTimeout] })
    {
      refuse(arguments.invalid(Self.busyTimeout, text, .finiteDuration))
    }
    color = read { () throws(UsageError) in try arguments[Self.color] } ?? .auto
    isLocal = arguments[Self.local]
    isWide = arguments[Self.wide]
    noPager = arguments[Self.noPager]
    noInput = arguments[Self.noInput] || Self.isOn(environment["REGCTL_NO_INPUT"])
    quiet = arguments[Self.quiet]
    verbose = arguments[Self.verbose]
    let option = read { () throws(UsageError) in try arguments[Self.format] }
    if arguments[Self.json] {
      if let option, option != .json {
        refuse(arguments.error(.conflict(Self.json.usage.flag, Self.format.usage.flag)))
      }
      format = .json
    } else {
      format =
        option
        ?? read { () throws(UsageError) in
          try Self.format(environment["REGCTL_FORMAT"], arguments)
        } ?? .text
    }
  }

  /// The format that a variable names; an invalid value is an error, as with the option.
  private static func format(
    _ variable: String?, _ arguments: ParsedArguments
  ) throws(UsageError) -> OutputFormat? {
    guard let text = variable, !text.isEmpty else { return nil }
    do throws(UsageError.Expectation) {
      return try format.parse(text)
    } catch {
      throw arguments.error(.invalidValue(option: "REGCTL_FORMAT", value: text, expected: error))
    }
  }

  private static func isOn(_ text: String?) -> Bool {
    guard let text else { return false }
    return !["", "0", "no", "false"].contains(text)
  }

  /// The options that override settings of the configuration, by key.
  var settings: ConfigurationLoader.Options {
    let given = [("db", "--db", db), ("busy_timeout", "--busy-timeout", busyTimeout)]
    return given.compactMap { key, option, value in value.map { (key, option, $0) } }
  }
}
