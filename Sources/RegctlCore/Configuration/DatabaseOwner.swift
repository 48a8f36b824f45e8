package import System

/// The user whose permissions are sufficient to work on a database that others than root can
/// change.
///
/// The owner of a database, or of a directory or link in its path, can replace files there: a link
/// in place of a lock, a journal that the engine plays back. Such files must not allow more than the
/// owner could do without regctl.
package struct DatabaseOwner: Equatable, Sendable {
  package let user: User

  /// The database, directory or link that belongs to the user.
  package let path: String

  /// The only group of a user who is not in the user database.
  let group: UInt32

  /// The group without permissions, used in place of root's; see `nogroup` in Debian.
  private static let noGroup: UInt32 = 65_534

  /// The owner of a database, which need not exist; `nil` when everything in its path is root's.
  package init?(of database: String) throws(RegctlError) {
    let way = try fileAccess(ResolvedPath(database))
    let file = way.status == nil ? nil : way.places.last
    let directory = way.places.last { $0.status.isDirectory }
    let candidates = [file, directory].compactMap { $0 } + way.places
    guard let place = candidates.first(where: { $0.status.user != 0 }) else { return nil }
    user = User(uid: place.status.user)
    path = place.path
    group = user.group ?? (place.status.group == 0 ? Self.noGroup : place.status.group)
  }
}
