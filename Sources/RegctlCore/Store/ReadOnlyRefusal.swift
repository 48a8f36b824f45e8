internal import SQL
package import System

/// Why SQLite did not write, or read, for a user who may not write.
package struct ReadOnlyRefusal: Equatable, Sendable {
  package enum Cause: Equatable, Sendable {
    /// The database cannot be written.
    case file
    /// No journal can be made in the directory of the database.
    case directory
    /// The write-ahead log cannot be opened, or its index made.
    case log
    /// A change was interrupted by a kill or a power cut, and a user who may write has to complete it.
    case interruptedChange
  }

  package let cause: Cause

  /// SQLite's own words.
  package let detail: String

  /// The database as it was named.
  package internal(set) var path = ""

  /// Whose the database is, if that is known.
  package internal(set) var owner: User?

  package init(_ cause: Cause, detail: String = "", path: String = "", owner: User? = nil) {
    self.cause = cause
    self.detail = detail
    self.path = path
    self.owner = owner
  }

  /// The cause that the database names.
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
