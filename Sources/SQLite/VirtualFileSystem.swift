internal import CSQLite

/// SQLite's file access for regctl: SQLite's own, except that super-journals are not opened.
///
/// The end of a rollback journal may name a super-journal, which belongs to a change of several
/// attached databases. After playing such a journal back, SQLite deletes the file of that name
/// (`pager_delsuper` in pager.c: `rc = sqlite3OsDelete(pVfs, zSuper, 0)`), whatever it is: a user
/// who can write a journal beside a database could have any file deleted that the next reader may
/// delete. regctl never attaches a database, and leaves the super-journal of another program in
/// place: opening it fails, and so does the command that played the journal back. The next command
/// succeeds.
///
/// See <https://www.sqlite.org/vfs.html>. Every other call goes directly to SQLite's own functions.
enum VirtualFileSystem {
  /// The name of the VFS, or `nil` when SQLite had no memory for it.
  static let name: String? = register() ? "\(identifier)" : nil

  private static let identifier: StaticString = "regctl"

  private static func register() -> Bool {
    guard let original = unsafe sqlite3_vfs_find(nil) else { return false }
    // SQLite keeps the pointer for the lifetime of the process.
    let copy = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
    unsafe copy.initialize(to: original.pointee)
    unsafe copy.pointee.pNext = nil
    unsafe copy.pointee.zName = UnsafeRawPointer(identifier.utf8Start)
      .assumingMemoryBound(to: CChar.self)
    unsafe copy.pointee.xOpen = { _, name, file, flags, outFlags in
      guard flags & SQLITE_OPEN_SUPER_JOURNAL == 0, let original = unsafe sqlite3_vfs_find(nil),
        let open = unsafe original.pointee.xOpen
      else {
        // A file without methods is not open, so SQLite does not close it.
        unsafe file?.pointee.pMethods = nil
        return SQLITE_CANTOPEN
      }
      return unsafe open(original, name, file, flags, outFlags)
    }
    // Not the default, which `sqlite3_vfs_find` without a name must still find.
    return unsafe sqlite3_vfs_register(copy, 0) == SQLITE_OK
  }
}
