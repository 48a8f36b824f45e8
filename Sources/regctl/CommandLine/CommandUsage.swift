/// A word that begins with a hyphen, as help, parser, manual and completion know it.
struct OptionUsage: Sendable {
  let long: String
  let short: String?

  /// What the option takes, or `nil` for a switch.
  let value: ValueUsage?
  let summary: String

  /// An option that takes a value.
  init(_ long: String, short: String? = nil, _ value: ValueUsage, _ summary: String) {
    self.long = long
    self.short = short
    self.value = value
    self.summary = summary
  }

  /// A switch.
  init(_ long: String, short: String? = nil, _ summary: String) {
    self.long = long
    self.short = short
    self.value = nil
    self.summary = summary
  }

  /// The option as it is typed.
  var flag: String { "--\(long)" }
}

/// What an option or operand stands for.
struct ValueUsage: Sendable {
  /// What the shell may offer to complete it.
  enum Kind: Equatable, Sendable {
    case text, file, directory, duration, number, fieldNames
    case email, unconfirmedEmail, mail
    case choice([String])
    case commandOrTopic
  }

  let name: String
  let kind: Kind

  init(_ name: String, _ kind: Kind = .text) {
    self.name = name
    self.kind = kind
  }

  static func choice(_ choices: [String]) -> ValueUsage {
    ValueUsage(choices.joined(separator: "|"), .choice(choices))
  }
}

/// A word that is no option.
struct OperandUsage: Sendable {
  enum Count: Sendable { case one, optional, oneOrMore, any }

  let value: ValueUsage
  let count: Count

  init(_ name: String, _ kind: ValueUsage.Kind = .text, _ count: Count = .one) {
    value = ValueUsage(name, kind)
    self.count = count
  }

  /// The operand in a synopsis.
  var synopsis: String {
    switch count {
    case .one: value.name
    case .optional: "[\(value.name)]"
    case .oneOrMore: "\(value.name)..."
    case .any: "[\(value.name)...]"
    }
  }

  var isRepeatable: Bool {
    if case .oneOrMore = count { true } else if case .any = count { true } else { false }
  }
  var isRequired: Bool {
    if case .one = count { true } else if case .oneOrMore = count { true } else { false }
  }
}

/// A command line to learn from.
struct Example: Sendable {
  let line: String
  let meaning: String

  init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}

/// Everything the command line says about one command.
struct CommandUsage: Sendable {
  /// Under which heading the short help lists it.
  enum Group: String, CaseIterable, Sendable {
    case database = "DATABASE"
    case accounts = "ACCOUNTS"
    case links = "LINKS"
    case mail = "MAIL"
    case prune = "PRUNING"
    case help = "HELP"
  }

  let name: String
  let group: Group
  let summary: String

  /// What it is for and what it never does, in paragraphs of lines that fit 80 columns.
  let description: String
  var operands: [OperandUsage] = []
  var options: [OptionUsage] = []

  /// Synopses in place of the one made of options and operands, where there are several forms.
  var forms: [String] = []
  let exitCodes: [ExitCode]
  let examples: [Example]
}

/// The options that every command takes.
enum GlobalUsage {
  static let options = [
    OptionUsage("db", short: "d", ValueUsage("PATH", .file), "Database file"),
    OptionUsage("config", ValueUsage("FILE", .file), "Configuration file; none for no file"),
    OptionUsage(
      "format", .choice(OutputFormat.allCases.map(\.rawValue)), "How results are printed"),
    OptionUsage("json", "The same as --format json"),
    OptionUsage("color", .choice(ColorChoice.allCases.map(\.rawValue)), "When to use colour"),
    OptionUsage("no-input", "Never ask; fail where a question would be needed"),
    OptionUsage("quiet", short: "q", "Print nothing but results and errors"),
    OptionUsage("verbose", short: "v", "Say more about errors and versions"),
    OptionUsage(
      "busy-timeout", ValueUsage("DURATION", .duration), "How long to wait for another writer"),
    OptionUsage("help", short: "h", "Print help and exit"),
    OptionUsage("version", "Print the version and exit"),
  ]
}
