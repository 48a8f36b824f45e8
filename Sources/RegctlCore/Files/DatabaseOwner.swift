/// Whose power is enough to work on a database: of root's own, nobody's but root's.
///
/// Who owns a database, or a directory or link on the way to it, can put there what they like: a
/// link in place of a lock, a journal that SQLite plays back. What they can do with that must be no
/// more than they could do themselves.
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
    let way = try ResolvedPath(database)
    let file = way.status == nil ? nil : way.places.last
    let directory = way.places.last { $0.status.isDirectory }
    let candidates = [file, directory].compactMap { $0 } + way.places
    guard let place = candidates.first(where: { $0.status.user != 0 }) else { return nil }
    user = User(uid: place.status.user)
    path = place.path
    group = user.group ?? (place.status.group == 0 ? Self.noGroup : place.status.group)
  }
}
