internal import RegctlCore
internal import System

/// What one invocation asked for, as a value; `run` does it and says nothing.
protocol Command: Sendable {
  /// What is typed to run it; apart from the rest, so that finding a command builds no other's help.
  static var name: String { get }
  static var usage: CommandUsage { get }

  /// The columns that `--fields` chooses from; none where the result is no list.
  static var columns: [Column] { get }

  /// Makes sense of words and does nothing else: no file is opened and no clock read.
  init(_ arguments: ParsedArguments) throws(UsageError)

  /// Does what was asked and returns what is to be printed.
  func run(in context: Context) throws(CommandError) -> Report
}

extension Command {
  static var columns: [Column] { [] }
}

/// Every command, in the order in which help lists them.
enum CommandTable {
  static let all: [any Command.Type] = [
    CreateDatabase.self, MigrateDatabase.self, ShowConfiguration.self, Doctor.self,
    BackUpDatabase.self, ImportAccounts.self, ExportAccounts.self,
    CreateAdmin.self, RegisterAccount.self, ShowAccount.self, CheckAccount.self,
    ListUnconfirmed.self, ListAdmins.self, GrantAdmin.self, RevokeAdmin.self,
    ChangePassword.self, ReplacePassword.self, ChangeAddress.self, DeleteAccounts.self,
    ListAudit.self, Reports.self,
    ConfirmAccount.self, UnconfirmAccount.self, IssueToken.self, InspectToken.self,
    ResendMail.self, ListOutbox.self, ShowMail.self, RetryMail.self, CancelMail.self,
    DeliverMail.self, SendTest.self,
    PruneAccounts.self, ListPrunes.self, Unprune.self,
    ShowHelp.self, Tour.self,
  ]

  static func command(named name: String) -> (any Command.Type)? {
    all.first { $0.name == name } ?? (name == Complete.name ? Complete.self : nil)
  }
}

/// Why a command did not do what it was asked.
enum CommandError: Error {
  case usage(UsageError)
  case core(RegctlError)
  /// Somebody was asked, and said no.
  case declined
  /// Standard output took no more; `isClosedPipe` when its reader simply went away.
  case output(FileError, isClosedPipe: Bool)
  /// Input that could not be read.
  case input(FileError)
}
