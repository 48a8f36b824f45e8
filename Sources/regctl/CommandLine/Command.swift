internal import RegctlCore
internal import System

/// What one invocation asked for, as a value; `run` does it, and knows no format.
protocol Command: Sendable {
  /// What is typed to run it; apart from the rest, so that finding a command builds no other's help.
  static var name: String { get }
  static var usage: CommandUsage { get }

  /// The columns of its rows, from which `--fields` chooses; none where there is no such option.
  static var columns: [Column] { get }

  /// Makes sense of words and does nothing else: no file is opened and no clock read.
  init(_ arguments: ParsedArguments) throws(UsageError)

  /// Does what was asked, pushes rows as they come, and returns what is known at the end.
  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary
}

extension Command {
  static var columns: [Column] { [] }
}

/// Every command, in the order in which help lists them.
enum CommandTable {
  static let all: [any Command.Type] = [
    CreateDB.self, MigrateDB.self, Config.self, Doctor.self,
    Backup.self, Import.self, Export.self,
    CreateAdmin.self, Register.self, Show.self, Check.self,
    ListUnconfirmed.self, ListAdmins.self, GrantAdmin.self, RevokeAdmin.self,
    SetPassword.self, ResetPassword.self, ChangeEmail.self, Delete.self,
    Audit.self, Report.self,
    Confirm.self, Unconfirm.self, IssueToken.self, InspectToken.self,
    Resend.self, ListOutbox.self, ShowMail.self, RetryMail.self, CancelMail.self,
    Deliver.self, SendTest.self,
    Prune.self, ListPrunes.self, Unprune.self,
    Help.self, Tour.self,
  ]

  static func command(named name: String) -> (any Command.Type)? {
    all.first { $0.name == name } ?? (name == Complete.name ? Complete.self : nil)
  }
}

/// Why a command did not do what it was asked.
enum CommandError: Error {
  case usage(UsageError)
  case core(RegctlError)
  /// A question was answered with no.
  case declined
  /// Standard output took no more; `isClosedPipe` when its reader simply went away.
  case output(FileError, isClosedPipe: Bool)
  /// Input that could not be read.
  case input(FileError)
}
