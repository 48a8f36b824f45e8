internal import Base
internal import RegctlCore

/// Words that make no sense.
struct UsageError: Error, Equatable {
  enum Fault: Equatable {
    case noCommand
    case unknownCommand(String, suggestion: String?)
    case unknownTopic(String, suggestion: String?)
    case unknownOption(String, suggestion: String?)
    case missingValue(option: String, value: String)
    case unexpectedValue(option: String)
    case repeatedOption(String)
    case conflict(String, String)
    case requires(String, String)
    case invalidValue(option: String, value: String, expected: Expectation)
    case missingOperand(String)
    case unexpectedOperand(String)
    /// An operand too many for a command that has a password to set or to check; it may be that
    /// password, so only its position is known, from 1.
    case operandOrPassword(position: Int)
    /// An argument, by its position from 1; it may be a password, so it is not repeated.
    case notUTF8(position: Int)
    case needsInput(what: String, options: Hint)
  }

  /// What an option would have taken.
  enum Expectation: Equatable {
    case choice([String], suggestion: String?)
    case duration(TimeSpan.Fault)
    case finiteDuration
    case timeLimit
    case number
    case fields([String], suggestion: String?)
    case text
    case domain
    case format(String)
  }

  /// The command whose help would explain it, if one was recognised.
  let command: String?
  let fault: Fault

  init(_ fault: Fault, command: String? = nil) {
    self.fault = fault
    self.command = command
  }
}
