internal import RegctlCore

/// Why a command changes accounts, in the words of the operator.
enum StatedReason: Sendable {
  /// The option of every command that changes accounts or their mails.
  static let option = option("Reason, for the audit")

  case given(String)
  case missing(command: String)
  /// The command takes no reason.
  case unneeded

  /// The option of a command that says more about it.
  static func option(_ summary: String) -> Option<String> { .line("reason", "TEXT", summary) }

  /// The reason that a command cannot do without; empty in a dry run, which records none.
  static func required(
    by command: String, isDryRun: Bool = false, in arguments: ParsedArguments
  ) throws(UsageError) -> String {
    if let reason = try arguments[option] { return reason }
    guard isDryRun else { throw arguments.error(.requires(command, option.usage.flag)) }
    return ""
  }

  init(_ arguments: ParsedArguments, of usage: CommandUsage) throws(UsageError) {
    guard usage.options.contains(where: { $0.long == Self.option.usage.long }) else {
      self = .unneeded
      return
    }
    self =
      try arguments[Self.option].map { .given($0) }
      ?? .missing(command: usage.name)
  }

  /// The text, if there is one.
  var text: String? { if case .given(let text) = self { text } else { nil } }
}
