internal import CSQLite

/// A failure reported by SQLite, with its extended result code.
package struct SQLiteError: Error, Equatable, Sendable {
  package let code: ResultCode

  /// SQLite's own words: for diagnosis, never for decisions, and never holding a bound value.
  package let message: String
}

/// An extended result code; see <https://www.sqlite.org/rescode.html>.
package struct ResultCode: RawRepresentable, Hashable, Sendable {
  package let rawValue: Int32

  package init(rawValue: Int32) { self.rawValue = rawValue }

  /// The least significant eight bits, which name the kind of failure.
  package var primary: ResultCode { ResultCode(rawValue: rawValue & 0xff) }

  package static let permission = ResultCode(rawValue: SQLITE_PERM)
  package static let busy = ResultCode(rawValue: SQLITE_BUSY)
  package static let locked = ResultCode(rawValue: SQLITE_LOCKED)
  package static let noMemory = ResultCode(rawValue: SQLITE_NOMEM)
  package static let readOnly = ResultCode(rawValue: SQLITE_READONLY)
  package static let inputOutput = ResultCode(rawValue: SQLITE_IOERR)
  package static let corrupt = ResultCode(rawValue: SQLITE_CORRUPT)
  package static let full = ResultCode(rawValue: SQLITE_FULL)
  package static let cannotOpen = ResultCode(rawValue: SQLITE_CANTOPEN)
  package static let constraint = ResultCode(rawValue: SQLITE_CONSTRAINT)
  package static let notADatabase = ResultCode(rawValue: SQLITE_NOTADB)
}
