internal import Base
internal import RegctlCore

/// The words of a command line, separated into options and operands in one pass: options anywhere
/// before `--`, clusters, `--name=value`.
///
/// An error does not stop the pass, so that the global options are always known.
struct SortedWords {
  /// The global options.
  private(set) var globals = ParsedArguments(command: nil)

  /// The options and operands of the command.
  private(set) var arguments = ParsedArguments(command: nil)

  /// The first word that is neither an option nor the value of one.
  private(set) var command: String?

  /// The command with that name, if there is one.
  private(set) var type: (any Command.Type)?

  /// Whether help is requested; it takes precedence over errors, so it can be added to any line.
  private(set) var wantsHelp = false

  /// The first error, in the order of the words.
  private(set) var fault: UsageError?

  /// An option as typed, before it is looked up.
  private struct TypedOption {
    /// `--limit` or `-n`.
    let name: String
    let attached: String?
  }

  private var rest: ArraySlice<String>

  /// Unknown options before the command, which may be options of the command.
  private var early: [TypedOption] = []

  init(_ words: [String]) {
    rest = words[...]
    while let word = rest.popFirst(), word != "--" {
      if word.utf8.first != UInt8(ascii: "-") || word.utf8.count == 1 {
        take(word)
      } else if word.utf8.starts(with: "--".utf8) {
        take(Self.long(word))
      } else {
        takeCluster(word)
      }
    }
    while let word = rest.popFirst() { take(word) }
    for option in early { refuseUnknown(option) }
  }

  private static func long(_ word: String) -> TypedOption {
    let bytes = Array(word.utf8)
    guard let equals = bytes.firstIndex(of: UInt8(ascii: "=")) else {
      return TypedOption(name: word, attached: nil)
    }
    return TypedOption(
      name: String(decoding: bytes[..<equals], as: UTF8.self),
      attached: String(decoding: bytes[(equals + 1)...], as: UTF8.self))
  }

  /// Reads a cluster of short options; the rest of the word may be the value of one.
  private mutating func takeCluster(_ word: String) {
    var letters = word.dropFirst()
    while let letter = letters.popFirst() {
      let name = "-\(letter)"
      if usage(of: name)?.value != nil, !letters.isEmpty {
        take(TypedOption(name: name, attached: String(letters)))
        return
      }
      take(TypedOption(name: name, attached: nil))
    }
  }

  // MARK: Commands and operands

  private mutating func take(_ word: String) {
    guard command == nil else {
      arguments.operands.append(word)
      return
    }
    command = word
    type = CommandTable.command(named: word)
    guard let type else { return }
    arguments = ParsedArguments(command: type.name)
    let options = early
    early = []
    // These options take no value from the next word, since that was the command.
    let behind = rest
    rest = []
    for option in options { take(option) }
    rest = behind
  }

  // MARK: Options

  /// Looks up a name among the options of the command and the global ones.
  private func usage(of name: String) -> OptionUsage? {
    let known = (type?.usage.options ?? []) + GlobalOptions.usages
    return known.first { $0.flag == name || $0.short.map { "-\($0)" } == name }
      ?? known.first { $0.synonyms.contains(name) }
  }

  private mutating func take(_ option: TypedOption) {
    guard let usage = usage(of: option.name) else {
      if command == nil { early.append(option) } else { refuseUnknown(option) }
      return
    }
    do throws(UsageError) {
      try take(option, as: usage)
    } catch {
      fault = fault ?? error
    }
  }

  private mutating func take(_ option: TypedOption, as usage: OptionUsage) throws(UsageError) {
    let isGlobal = GlobalOptions.usages.contains { $0.long == usage.long }
    guard let value = usage.value else {
      if option.attached != nil {
        throw UsageError(.unexpectedValue(option: option.name), command: type?.name)
      }
      if usage.long == GlobalOptions.help.usage.long { wantsHelp = true }
      if isGlobal { globals.set(usage) } else { arguments.set(usage) }
      return
    }
    guard let text = option.attached ?? rest.popFirst() else {
      throw UsageError(.missingValue(option: option.name, value: value.name), command: type?.name)
    }
    // Also in place of a value: a user who adds --help wants help, not an error.
    if option.attached == nil, text == "-h" || text == "--help" { wantsHelp = true }
    if isGlobal {
      try globals.set(usage, to: text)
    } else {
      try arguments.set(usage, to: text, typedAs: option.name)
    }
  }

  private mutating func refuseUnknown(_ option: TypedOption) {
    let known = (type?.usage.options ?? []) + GlobalOptions.usages
    let isLong = option.name.utf8.starts(with: "--".utf8)
    let nearest =
      isLong
      ? EditDistance.nearest(to: String(option.name.dropFirst(2)), among: known.map(\.long)) : nil
    fault =
      fault
      ?? UsageError(
        .unknownOption(option.name, suggestion: nearest.map { "--\($0)" }), command: type?.name)
  }
}
