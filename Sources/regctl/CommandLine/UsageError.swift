internal import Base
internal import RegctlCore

/// An invalid command line.
struct UsageError: Error, Equatable {
  enum Fault: Equatable {
    case noCommand
    case unknownCommand(String, suggestions: [String])
    case unknownTopic(String, suggestions: [String])
    case unknownOption(String, suggestion: String?)
    case missingValue(option: String, value: String)
    case unexpectedValue(option: String)
    case repeatedOption(String)
    case conflict(String, String)
    case requires(String, String)
    case invalidValue(option: String, value: String, expected: Expectation)
    case missingOperand(String)
    case unexpectedOperand(String)
    /// An unexpected operand of a command that sets or checks a password; it may be that password,
    /// so only its position, from 1, is kept.
    case operandOrPassword(position: Int)
    /// An address in the place of a token, and the command that takes an address for the purpose.
    case addressForToken(String, instead: Hint)
    /// An argument that is not UTF-8, by its position from 1; it may be a password, so it is not
    /// repeated.
    case notUTF8(position: Int)
    case needsInput(what: String, options: Hint)
    /// A change without a reason where the setting `require_reason` wants one.
    case reasonRequired
  }

  /// What an option accepts.
  enum Expectation: Error, Equatable {
    case choice([String], suggestion: String?)
    case duration(TimeSpan.Fault)
    case finiteDuration
    case timeLimit
    case number
    case fields([String], suggestion: String?)
    case text
    case domain
    /// A key of a file and its meaning, `COLUMN=NAME`.
    case renaming
    /// A name that neither a field of an account nor a column of the table has.
    case columnName(suggestion: String?)
    case format(String)
  }

  /// The command whose help to refer to, if one was recognised.
  let command: String?
  let fault: Fault

  init(_ fault: Fault, command: String? = nil) {
    self.fault = fault
    self.command = command
  }
}
