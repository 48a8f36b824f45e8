/// An engine's error, as far as callers distinguish them.
///
/// `detail` is the engine's message: for diagnosis, never for decisions, and never with a bound
/// value.
package enum DatabaseError: Error, Equatable, Sendable {
  /// The reason why an engine does not write.
  package enum ReadOnlyCause: Equatable, Sendable {
    /// The database is not writable.
    case database
    /// A journal cannot be created beside it.
    case directory
    /// Its log cannot be opened, or the log's index cannot be created.
    case log
    /// An interrupted change must be completed first, which needs write access.
    case interruptedChange
  }

  /// Another connection held a lock for longer than the busy timeout.
  case busy
  /// Another transaction came first: run again from its beginning, this one may succeed.
  case conflict(detail: String)
  case full
  case readOnly(ReadOnlyCause, detail: String)
  /// A constraint of a table forbids the change.
  case constraint(detail: String)
  /// A table has a row with the same key; an engine that names no table reports a constraint.
  case duplicate(table: String, detail: String)
  /// A table accepted a change without an error but did not make it, as a trigger can cause.
  case ignored(table: String)
  /// A row has an invalid value.
  case malformed(MalformedValue)
  case corrupt(detail: String)
  case notADatabase
  /// A table, column or function is missing or has a different type than before.
  case schemaChanged(detail: String)
  /// The database file, or a file beside it, cannot be opened.
  case cannotOpen(detail: String)
  case inputOutput(detail: String)
  /// The library of the engine's client cannot be loaded; the Debian package contains it.
  case libraryMissing(package: String, detail: String)
  /// The server cannot be reached or does not answer, or the connection was lost. It remains so for
  /// this connection.
  case unavailable(detail: String)
  /// The server does not let this user into this database, or has no such database.
  case refused(detail: String)
  /// The user may not do this to an object.
  case forbidden(detail: String)
  /// The connection was lost while it committed, or the commit is not as durable as it should be:
  /// the changes may or may not be there.
  case commitUnknown(detail: String)
  /// An error that only a bug can cause; `code` names the engine and its code for the error.
  case unexpected(code: String, detail: String)
}
