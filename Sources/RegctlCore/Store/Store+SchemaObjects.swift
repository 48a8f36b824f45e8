internal import SQL

/// What other programs remove: Alembic drops tables and indexes that no model knows, and copies a
/// table to change it, without its triggers.
extension Store {
  /// The objects named `regctl_…`.
  func foundObjects() throws(RegctlError) -> FoundObjects {
    var found = FoundObjects()
    try forEach(
      Statement(
        sqlite: """
          SELECT type, name, CASE WHEN type <> 'table' THEN sql END FROM sqlite_schema
          WHERE name GLOB 'regctl_*'
          """)
    ) { found.insert($0.text(0), $0.text(1), definition: $0.optionalText(2)) }
    return found
  }

  /// The objects of a schema version that are missing or have another definition.
  ///
  /// An older version has fewer objects, and works with its own definitions of them.
  private func missingObjects(
    in version: Int64, among found: FoundObjects
  ) -> [SchemaObject] {
    guard version == Schema.version else {
      return (Schema.objects + [Schema.plainEmail]).filter {
        $0.firstVersion <= version && !found.haveName(of: $0)
      }
    }
    let missing = Schema.objects.filter { !found.hold($0, naming: mapping.names) }
    let hasIndex =
      found.hold(Schema.uniqueEmail, naming: mapping.names)
      || found.hold(Schema.plainEmail, naming: mapping.names)
    return hasIndex ? missing : missing + [Schema.plainEmail]
  }

  /// Checks that every object of a schema version is there: throws for writing, and otherwise
  /// separates the history of accounts that were deleted without the trigger, for this connection.
  func requireObjects(of version: Int64, for access: Access) throws(RegctlError) {
    let found = try foundObjects()
    let missing = missingObjects(in: version, among: found)
    if access == .writing, !missing.isEmpty {
      throw .store(.objectsMissing(missing.map(\.description)))
    }
    if !found.names.contains("regctl_no_password") { try markNoPasswordByItself() }
    if missing.contains(where: { $0.kind == .trigger }) { try hideForeignHistory() }
  }

  /// The missing objects, for `doctor`.
  package func objectFinding() throws(RegctlError) -> Finding? {
    guard let version = try schemaVersion() else { return nil }
    let missing = missingObjects(in: version, among: try foundObjects())
    return missing.isEmpty ? nil : .objectsMissing(missing.map(\.description))
  }

  /// Whether the application migrates its database with Alembic.
  func usesAlembic() throws(RegctlError) -> Bool { try hasTable("alembic_version") }

  /// Advice for a database that Alembic migrates.
  package func alembicFinding() throws(RegctlError) -> Finding? {
    try usesAlembic() ? .alembic : nil
  }
}
