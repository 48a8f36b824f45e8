/// An argument that is not an option.
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

/// An example command line.
struct Example: Sendable {
  let line: String
  let meaning: String

  init(_ line: String, _ meaning: String) {
    self.line = line
    self.meaning = meaning
  }
}

/// The documentation of one command: summary, description, options, operands and examples.
struct CommandUsage: Sendable {
  /// The heading under which the short help lists the command.
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

  /// The purpose of the command and what it never does, in lines of at most 80 columns.
  let description: String
  let operands: [OperandUsage]
  let options: [OptionUsage]

  /// Synopses of a command with several forms, in place of the generated one.
  let forms: [String]
  let exitCodes: [ExitCode]
  let examples: [Example]

  init(
    name: String, group: Group, summary: String, description: String,
    operands: [OperandUsage] = [], options: [any OptionDeclaration] = [], forms: [String] = [],
    exitCodes: [ExitCode], examples: [Example]
  ) {
    self.name = name
    self.group = group
    self.summary = summary
    self.description = description
    self.operands = operands
    self.options = options.map(\.usage)
    self.forms = forms
    self.exitCodes = exitCodes
    self.examples = examples
  }
}
