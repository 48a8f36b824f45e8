internal import SQL
package import System

/// The reason why the engine did not write, or read, for a user without write permission.
package struct ReadOnlyRefusal: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    /// The database is not writable.
    case file
    /// A journal cannot be created in the directory of the database.
    case directory
    /// The write-ahead log cannot be opened, or its index cannot be created.
    case log
    /// An interrupted change must be completed by a user with write permission.
    case interruptedChange
  }

  package let cause: Cause

  /// The engine's error message.
  package let detail: String

  /// The path of the database as given.
  package internal(set) var path = ""

  /// The owner of the database, if known.
  package internal(set) var owner: User?

  package init(_ cause: Cause, detail: String = "", path: String = "", owner: User? = nil) {
    self.cause = cause
    self.detail = detail
    self.path = path
    self.owner = owner
  }

  /// The cause reported by the database.
  init(_ cause: DatabaseError.ReadOnlyCause, _ detail: String) {
    let cause: Cause =
      switch cause {
      case .database: .file
      case .directory: .directory
      case .log: .log
      case .interruptedChange: .interruptedChange
      }
    self.init(cause, detail: detail)
  }
}
