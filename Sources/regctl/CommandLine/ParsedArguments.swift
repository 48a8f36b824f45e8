internal import Base
internal import RegctlCore

/// The words of one command, sorted into options and operands but not yet understood.
struct ParsedArguments: Sendable {
  let command: String
  var operands: [String] = []
  private var values: [(option: String, value: String)] = []
  private var switches: [String] = []

  init(command: String) { self.command = command }

  /// Notes a switch; twice is as good as once.
  mutating func set(_ option: OptionUsage) { switches.append(option.long) }

  /// Notes a value; a second, different one for the same option is an error.
  mutating func set(_ option: OptionUsage, to value: String) throws(UsageError) {
    if let earlier = self.value(option.long), !earlier.utf8.elementsEqual(value.utf8) {
      throw error(.repeatedOption(option.flag))
    }
    values.append((option.long, value))
  }

  /// Whether a switch was given.
  func has(_ long: String) -> Bool { switches.contains(long) }

  /// The value of an option, if it was given.
  func value(_ long: String) -> String? { values.first { $0.option == long }?.value }

  func error(_ fault: UsageError.Fault) -> UsageError { UsageError(fault, command: command) }

  func invalid(
    _ long: String, _ value: String, _ expected: UsageError.Expectation
  ) -> UsageError {
    error(.invalidValue(option: "--\(long)", value: value, expected: expected))
  }

  /// Refuses two options that contradict each other.
  func refuse(_ one: String, with other: String) throws(UsageError) {
    if isGiven(one), isGiven(other) { throw error(.conflict("--\(one)", "--\(other)")) }
  }

  /// Refuses an option without another that gives it meaning.
  func require(_ one: String, with other: String) throws(UsageError) {
    if isGiven(one), !isGiven(other) { throw error(.requires("--\(one)", "--\(other)")) }
  }

  private func isGiven(_ long: String) -> Bool { has(long) || value(long) != nil }

  /// A length of time.
  func timeSpan(_ long: String, likelyUnit: String = "d") throws(UsageError) -> TimeSpan? {
    guard let text = value(long) else { return nil }
    do throws(TimeSpan.Fault) {
      return try TimeSpan(text, likelyUnit: likelyUnit)
    } catch {
      throw invalid(long, text, .duration(error))
    }
  }

  /// A length of time within which something must be done: there is one, and it has an end.
  func timeLimit(_ long: String) throws(UsageError) -> Duration? {
    guard let span = try timeSpan(long, likelyUnit: "s"), let text = value(long) else { return nil }
    guard case .finite(let limit) = span, limit > .zero else {
      throw invalid(long, text, .timeLimit)
    }
    return limit
  }

  /// One of several words.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    _ long: String, _ type: Choice.Type
  ) throws(UsageError) -> Choice? {
    guard let text = value(long) else { return nil }
    if let choice = Choice(rawValue: text) { return choice }
    let choices = Choice.allCases.map(\.rawValue)
    throw invalid(
      long, text,
      .choice(choices, suggestion: EditDistance.nearest(to: text, among: choices)))
  }

  /// The only operand as one of several words.
  func choice<Choice: CaseIterable & RawRepresentable<String>>(
    ofOperand name: String, _ type: Choice.Type
  ) throws(UsageError) -> Choice {
    if let choice = Choice(rawValue: onlyOperand) { return choice }
    let choices = Choice.allCases.map(\.rawValue)
    throw error(
      .invalidValue(
        option: name, value: onlyOperand,
        expected: .choice(
          choices, suggestion: EditDistance.nearest(to: onlyOperand, among: choices))))
  }

  /// A number of at least 1.
  func count(_ long: String) throws(UsageError) -> Int? {
    guard let text = value(long) else { return nil }
    guard !text.isEmpty, text.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int(text),
      number > 0
    else { throw invalid(long, text, .number) }
    return number
  }

  /// The operands as numbers of mails.
  func mails() throws(UsageError) -> [MailID] {
    try operands.map { word throws(UsageError) in
      MailID(rawValue: try number(word, named: "ID"))
    }
  }

  /// An operand as a number.
  func number(_ word: String, named name: String) throws(UsageError) -> Int64 {
    guard !word.isEmpty, word.utf8.allSatisfy({ (48...57).contains($0) }), let number = Int64(word)
    else { throw error(.invalidValue(option: name, value: word, expected: .number)) }
    return number
  }

  /// Text of one line that is not empty, for the audit.
  func line(_ long: String) throws(UsageError) -> String? {
    guard let text = value(long) else { return nil }
    guard text.utf8.count <= 1000, text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }),
      text.utf8.contains(where: { $0 != 0x20 })
    else { throw invalid(long, text, .text) }
    return text
  }

  /// The domain part of addresses, with or without the at sign before it.
  func domain(_ long: String) throws(UsageError) -> String? {
    guard let text = value(long) else { return nil }
    let domain = text.utf8.first == UInt8(ascii: "@") ? String(text.dropFirst()) : text
    let isDomain = domain.utf8.allSatisfy { byte in
      (97...122).contains(byte | 0x20) || (48...57).contains(byte) || "-.".utf8.contains(byte)
    }
    guard isDomain, !domain.isEmpty else { throw invalid(long, text, .domain) }
    return domain
  }

  /// The names of columns, which must be among those a list has.
  func fields(among columns: [Column]) throws(UsageError) -> [String]? {
    guard let text = value("fields") else { return nil }
    let names = columns.map(\.name)
    let chosen = text.utf8.split(separator: UInt8(ascii: ","), omittingEmptySubsequences: false)
      .map { String($0) ?? "" }
    if let unknown = chosen.first(where: { !names.contains($0) }) {
      throw invalid(
        "fields", unknown,
        .fields(names, suggestion: EditDistance.nearest(to: unknown, among: names)))
    }
    return chosen
  }

  /// The one operand of a command whose parser has seen to it that there is one.
  var onlyOperand: String { operands.first ?? "" }
}
