/// The description of an option for parser, help, manual and completion.
struct OptionUsage: Sendable {
  let long: String
  let short: String?

  /// The value of the option, or `nil` for a switch.
  let value: ValueUsage?
  let summary: String

  /// Whether the option may be given several times with different values.
  var isRepeatable = false

  /// Older spellings, such as `--older-than`, which help does not show.
  var synonyms: [String] = []

  /// The option as typed.
  var flag: String { "--\(long)" }
}

/// The description of a value of an option or operand.
struct ValueUsage: Sendable {
  /// The kind of candidates for shell completion.
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
