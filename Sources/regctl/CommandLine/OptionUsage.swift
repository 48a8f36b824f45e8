/// A word that begins with a hyphen, as help, parser, manual and completion know it.
struct OptionUsage: Sendable {
  let long: String
  let short: String?

  /// What the option takes, or `nil` for a switch.
  let value: ValueUsage?
  let summary: String

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
