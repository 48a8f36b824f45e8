package import System

/// The user whose rights are enough to work on a database that is not root's alone.
///
/// The owner of a database, or of a directory or link on the way to it, can put other things there: a
/// link in place of a lock, a journal that the engine plays back. These must do no more than the owner
/// could do without regctl.
package struct DatabaseOwner: Equatable, Sendable {
  package let user: User

  /// What belongs to the user: the database, its directory, or what leads there.
  package let path: String

  /// The only group of a user whom the system does not know.
  let group: UInt32

  /// The group that has no rights, where the one that was found is root's; see `nogroup` in Debian.
  private static let noGroup: UInt32 = 65_534

  /// The owner of a database that need not exist, or `nil` when all on the way to it is root's.
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
