/// What an engine refused, as far as anything depends on it.
///
/// `detail` is the engine's own words: for diagnosis, never for decisions, and never holding a bound
/// value.
package enum DatabaseError: Error, Equatable, Sendable {
  /// Why an engine does not write.
  package enum ReadOnlyCause: Equatable, Sendable {
    /// The database cannot be written.
    case database
    /// No journal can be made beside it.
    case directory
    /// Its log cannot be opened, or the log's index made.
    case log
    /// A change was interrupted and has to be completed first, which takes write access.
    case interruptedChange
  }

  /// Another connection held a lock for longer than was to be waited.
  case busy
  case full
  case readOnly(ReadOnlyCause, detail: String)
  /// A constraint of a table forbids the change.
  case constraint(detail: String)
  /// A table took a change without an error and did not make it, as a trigger may have it.
  case ignored(table: String)
  /// A row holds what it cannot.
  case malformed(MalformedValue)
  case corrupt(detail: String)
  case notADatabase
  /// A table, a column or a function is missing, or of another kind than it was.
  case schemaChanged(detail: String)
  /// A file of the database, or beside it, cannot be opened.
  case cannotOpen(detail: String)
  case inputOutput(detail: String)
  /// What only a bug can cause.
  case unexpected(code: Int32, detail: String)
}
