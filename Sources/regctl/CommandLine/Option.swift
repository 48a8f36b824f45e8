internal import Base
internal import RegctlCore

/// The declaration of an option as a constant, through which its value is read too.
protocol OptionDeclaration: Sendable {
  /// The description for parser, help, manual and completion.
  var usage: OptionUsage { get }
}

/// An option without a value.
struct Switch: OptionDeclaration {
  let usage: OptionUsage

  init(_ long: String, short: String? = nil, _ summary: String) {
    usage = OptionUsage(long: long, short: short, value: nil, summary: summary)
  }
}

/// An option that takes a value.
struct Option<Value: Sendable>: OptionDeclaration {
  let usage: OptionUsage

  /// Parses the value as typed, or throws what is expected instead.
  let parse: @Sendable (String) throws(UsageError.Expectation) -> Value

  init(
    _ long: String, short: String? = nil, synonyms: [String] = [], _ value: ValueUsage,
    _ summary: String,
    parse: @escaping @Sendable (String) throws(UsageError.Expectation) -> Value
  ) {
    usage = OptionUsage(
      long: long, short: short, value: value, summary: summary, synonyms: synonyms)
    self.parse = parse
  }
}

/// An option that takes a value and may be given several times.
struct RepeatableOption<Value: Sendable>: OptionDeclaration {
  let usage: OptionUsage

  /// Parses a value as typed, or throws what is expected instead.
  let parse: @Sendable (String) throws(UsageError.Expectation) -> Value

  init(
    _ long: String, _ value: ValueUsage, _ summary: String,
    parse: @escaping @Sendable (String) throws(UsageError.Expectation) -> Value
  ) {
    usage = OptionUsage(
      long: long, short: nil, value: value, summary: summary, isRepeatable: true)
    self.parse = parse
  }
}

extension Option where Value == String {
  /// Any text.
  init(_ long: String, short: String? = nil, _ value: ValueUsage, _ summary: String) {
    self.init(long, short: short, value, summary) { text throws(UsageError.Expectation) in text }
  }

  /// Non-empty text of one line, for the audit.
  static func line(_ long: String, _ name: String, _ summary: String) -> Self {
    Option(long, ValueUsage(name), summary) { text throws(UsageError.Expectation) in
      guard text.utf8.count <= 1000, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
        text.utf8.contains(where: { $0 != 0x20 })
      else { throw .text }
      return text
    }
  }

  /// The domain part of addresses, with or without the at sign before it.
  static func domain(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("DOMAIN"), summary) { text throws(UsageError.Expectation) in
      let domain = text.utf8.first == UInt8(ascii: "@") ? String(text.dropFirst()) : text
      let isDomain = domain.utf8.allSatisfy { byte in
        byte >= 0x80 || (97...122).contains(byte | 0x20) || (48...57).contains(byte)
          || "-._".utf8.contains(byte)
      }
      guard isDomain, !domain.isEmpty else { throw .domain }
      return domain
    }
  }
}

extension RepeatableOption where Value == String {
  /// The address or number of an account.
  static func email(_ long: String, _ summary: String) -> Self {
    RepeatableOption(long, ValueUsage("EMAIL", .email), summary) {
      text throws(UsageError.Expectation) in text
    }
  }
}

extension Option where Value == Int {
  /// A number of at least 1.
  static func count(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("N", .number), summary) { text throws(UsageError.Expectation) in
      guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
        number > 0
      else { throw .number }
      return number
    }
  }
}

extension Option where Value == TimeSpan {
  /// A duration; `unit` is suggested for a value without a unit.
  static func duration(_ long: String, unit: String = "d", _ summary: String) -> Self {
    Option(long, ValueUsage("DURATION", .duration), summary) {
      text throws(UsageError.Expectation) in
      try TimeSpan(option: text, unit: unit)
    }
  }
}

extension Option where Value == Duration {
  /// A time limit: a finite duration that is not zero.
  static func timeLimit(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("DURATION", .duration), summary) {
      text throws(UsageError.Expectation) in
      guard case .finite(let limit) = try TimeSpan(option: text, unit: "s"), limit > .zero else {
        throw .timeLimit
      }
      return limit
    }
  }
}

extension Option where Value == TimeReference {
  /// A date, an RFC 3339 time or an age.
  static func time(_ long: String, synonyms: [String] = [], _ summary: String) -> Self {
    Option(long, synonyms: synonyms, ValueUsage("TIME|AGE", .duration), summary) {
      text throws(UsageError.Expectation) in
      try TimeReference(option: text)
    }
  }
}

extension Option
where Value: CaseIterable & RawRepresentable, Value.RawValue == String, Value.AllCases: Sendable {
  /// One of several choices.
  static func choice(_ long: String, _ summary: String) -> Self {
    Option(long, .choice(Value.allCases.map(\.rawValue)), summary) {
      text throws(UsageError.Expectation) in
      try UsageError.Expectation.choice(Value.self, text)
    }
  }
}

extension Option {
  /// One of several choices, or several separated by commas.
  static func choices<Choice: CaseIterable & RawRepresentable<String> & Sendable>(
    _ long: String, synonyms: [String] = [], _ summary: String
  ) -> Self where Value == [Choice] {
    Option(long, synonyms: synonyms, .choice(Choice.allCases.map(\.rawValue)), summary) {
      text throws(UsageError.Expectation) in
      var chosen: [Choice] = []
      for word in text.split(separator: ",", omittingEmptySubsequences: false) {
        chosen.append(try UsageError.Expectation.choice(Choice.self, String(word)))
      }
      return chosen
    }
  }
}

extension TimeSpan {
  /// Reads the value of an option.
  init(option text: String, unit: String = "d") throws(UsageError.Expectation) {
    do throws(TimeSpan.Fault) {
      self = try TimeSpan(text, likelyUnit: unit)
    } catch {
      throw .duration(error)
    }
  }
}

extension UsageError.Expectation {
  /// The choice that a text names; throws the possible choices otherwise.
  static func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ type: Choice.Type, _ text: String
  ) throws(UsageError.Expectation) -> Choice {
    if let choice = Choice(rawValue: text) { return choice }
    let choices = Choice.allCases.map(\.rawValue)
    throw .choice(choices, suggestion: EditDistance.nearest(to: text, among: choices))
  }
}
