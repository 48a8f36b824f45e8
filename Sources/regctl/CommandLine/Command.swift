internal import RegctlCore
internal import System

/// The options of one invocation as a value, with a `run` that is independent of the format.
protocol Command: Sendable {
  /// The name on the command line; separate from `usage`, so that a lookup does not build usages.
  static var name: String { get }
  static var usage: CommandUsage { get }

  /// The columns that `--fields` can select; empty for a command without that option.
  static var columns: [Column] { get }

  /// Those of them that the form of the command has which the arguments choose.
  static func columns(of arguments: ParsedArguments) -> [Column]

  /// Parses the arguments only: no file is opened and no clock is read.
  init(_ arguments: ParsedArguments) throws(UsageError)

  /// Executes the command, pushes rows as they become available, and returns the summary.
  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary
}

extension Command {
  static var columns: [Column] { [] }

  static func columns(of arguments: ParsedArguments) -> [Column] { columns }
}

/// Every command, in the order in which help lists them.
enum CommandTable {
  static let all: [any Command.Type] = [
    CreateDB.self, MigrateDB.self, MoveDB.self, Config.self, Doctor.self,
    Backup.self, Restore.self, Import.self, Export.self,
    CreateAdmin.self, Register.self, Show.self, Check.self,
    ListAccounts.self, ListUnconfirmed.self, ListAdmins.self,
    GrantAdmin.self, RevokeAdmin.self,
    SetPassword.self, ResetPassword.self, ChangeEmail.self, Lock.self, Unlock.self,
    Delete.self, Undelete.self, Erase.self,
    Status.self, Audit.self, Report.self,
    Confirm.self, Unconfirm.self, IssueToken.self, InspectToken.self, RotateKey.self,
    Resend.self, ListOutbox.self, ShowMail.self, ShowTemplate.self, RetryMail.self, CancelMail.self,
    ReleaseHeld.self, Deliver.self, SendTest.self, Bounce.self, ListBounces.self, ClearBounce.self,
    Prune.self, ListPrunes.self, Unprune.self, Purge.self,
    Help.self, Completion.self, Tour.self,
  ]

  static func command(named name: String) -> (any Command.Type)? {
    all.first { $0.name == name } ?? (name == Complete.name ? Complete.self : nil)
  }
}

/// Why a command failed.
enum CommandError: Error {
  case usage(UsageError)
  case core(RegctlError)
  /// A confirmation question was answered with no.
  case declined
  /// Writing to standard output failed; `isClosedPipe` when the reader closed the pipe.
  case output(FileError, isClosedPipe: Bool)
  /// A line of a file or of standard input, from 1, is not an address.
  case line(path: String, number: Int, AddressError)
  /// Input that could not be read.
  case input(FileError)
}
