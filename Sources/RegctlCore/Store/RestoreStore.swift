internal import SQL
internal import SQLite
internal import System

/// Puts a copy that `backup` made in the place of the database.
package final class RestoreStore {
  /// What is in the place of the database.
  package enum Present: Equatable, Sendable {
    case nothing
    /// A database without accounts.
    case empty
    case accounts(Int)
  }

  private let configuration: Configuration

  /// The database on a server, which is empty; `nil` for a file.
  private let server: Store?

  /// Connects to the database if it is on a server; throws if it is not empty.
  package init(into configuration: Configuration) throws(RegctlError) {
    self.configuration = configuration
    switch configuration.db {
    case .file: server = nil
    case .server(let address):
      server = try Store.openDestination(
        address, configuration.users, busyTimeout: configuration.busyTimeout)
    }
  }

  /// A copy that was verified.
  package struct Copy {
    fileprivate let store: Store

    /// The number of accounts in it.
    package let accounts: Int

    /// Whether it has an older schema than this version writes.
    package let isOutdated: Bool
  }

  /// Opens a copy and verifies its pages, its schema and its audit.
  package func open(
    _ path: String, reporting report: CopyProgress.Report? = nil
  ) throws(RegctlError) -> Copy {
    guard try fileAccess(FileSystem.status(of: path)) != nil else {
      throw .file(FileError(operation: "open", path: path, code: FileError.missing))
    }
    let store = try Store.open(
      .file(path), mapping: configuration.users, for: .strictlyReadOnly,
      busyTimeout: configuration.busyTimeout, zone: configuration.databaseZone)
    if let fault = try store.firstFault(reporting: report) { throw .store(.corrupt(detail: fault)) }
    _ = try store.verifyAudit(including: nil)
    return Copy(
      store: store, accounts: try store.accountCount(),
      isOutdated: try store.schemaVersion() != Schema.version)
  }

  /// What the copy would replace; throws if it is damaged, because then its content cannot be replaced
  /// in a transaction.
  package func present() throws(RegctlError) -> Present {
    guard case .file = configuration.db else { return .nothing }
    do throws(RegctlError) {
      let store = try Store.openUnchecked(
        configuration.db, mapping: configuration.users, for: .reading,
        busyTimeout: configuration.busyTimeout)
      guard try store.hasTable(configuration.users.table) else { return .empty }
      let count = try store.accountCount()
      return count == 0 ? .empty : .accounts(count)
    } catch {
      switch error {
      case .store(.missing): return .nothing
      case .store(.corrupt), .store(.malformed), .store(.notADatabase), .store(.schemaChanged):
        throw .store(.irreplaceable(path: configuration.db.text))
      default: throw error
      }
    }
  }

  /// Replaces the database by the copy, completely or not at all, and records that in its audit.
  package func perform(
    _ copy: Copy, at now: Instant, by actor: Actor, reporting report: CopyProgress.Report? = nil
  ) throws(RegctlError) {
    let entry = AuditEntry(
      act: .restoreDatabase, at: now, actor: actor, detail: "from \(copy.store.location.text)")
    switch configuration.db {
    case .file(let path): try restore(copy, into: path, recording: entry, report)
    case .server:
      guard let server else { preconditionFailure("a server is connected to first") }
      server.passwordScheme = configuration.passwordPolicy.scheme
      _ = try copy.store.inOneState { () throws(RegctlError) in
        try server.fill(from: copy.store, recording: entry, at: now, reporting: report)
      }
    }
  }

  /// An existing database is not replaced by another file: others may have it open, and the log beside
  /// it would be played back into the new one. Its content is replaced, in one transaction.
  private func restore(
    _ copy: Copy, into path: String, recording entry: AuditEntry, _ report: CopyProgress.Report?
  ) throws(RegctlError) {
    guard try fileAccess(FileSystem.status(of: path)) != nil else {
      for suffix in ["-wal", "-journal"]
      where try fileAccess(FileSystem.status(of: path + suffix)) != nil {
        throw .store(.orphanedLog(path: path + suffix))
      }
      try fileAccess(FileSystem.makeDirectories(FileSystem.directory(of: path)))
      return try Store.publish(path) { temporary throws(RegctlError) in
        try copy.store.copyFile(to: temporary, recording: entry, report).useLog()
      }
    }
    let present = try Store.openFile(
      path, configuration.users, for: .writing, completing: false,
      busyTimeout: configuration.busyTimeout)
    // Its results belong to the mails that are there now.
    let right = try present.excludeDelivery()
    try Store.withTemporaryFile(for: path) { temporary throws(RegctlError) in
      let recorded = try copy.store.copyFile(to: temporary, recording: entry, report)
      try present.replaceContent(by: recorded, report)
    }
    right.release()
  }
}

extension Store {
  /// Copies the file to an empty one, adds an entry to its audit there, and returns the copy.
  fileprivate func copyFile(
    to temporary: String, recording entry: AuditEntry, _ report: CopyProgress.Report?
  ) throws(RegctlError) -> Store {
    guard let file = database as? SQLiteDatabase else {
      preconditionFailure("a copy is a file")
    }
    try backUp(file, to: temporary, reporting: report)
    let copy = try newFile(temporary, for: location.text)
    copy.auditForm = auditForm
    _ = try copy.transaction { () throws(RegctlError) in try copy.record(entry) }
    return copy
  }

  /// Replaces all that is in the file by what is in another, in one transaction.
  fileprivate func replaceContent(
    by other: Store, _ report: CopyProgress.Report?
  ) throws(RegctlError) {
    guard let file = database as? SQLiteDatabase, let other = other.database as? SQLiteDatabase
    else {
      preconditionFailure("both are files")
    }
    try naming { () throws(DatabaseError) in
      try file.replaceContent(by: other) { done, total in
        report?(.replacing(CopyProgress.Count(pages: done, of: total)))
      }
    }
  }
}
