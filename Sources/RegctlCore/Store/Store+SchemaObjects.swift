internal import SQL

/// What other programs remove: Alembic drops tables and indexes that no model knows, and copies a
/// table to change it, without its triggers.
extension Store {
  /// The objects of the schema but the index of addresses.
  var schemaObjects: [SchemaObject] {
    switch location {
    case .file: Schema.objects
    case .server: Schema.objectsOnServer
    }
  }

  /// The objects named `regctl_…`.
  ///
  /// On a server, what belongs to the table of accounts is in the schema of that table, and all else
  /// in regctl's. The server gives definitions in its own words, with the table qualified; here the
  /// table has the words of regctl's, and the function of a trigger its schema, which the server
  /// leaves out if the search path has it, as that of a role named like the schema. An index that is
  /// not valid does not keep addresses unique, and a trigger that is disabled does not run: they have
  /// no definition, so that they are restored.
  func foundObjects() throws(RegctlError) -> FoundObjects {
    var found = FoundObjects(definitions: definitions, names: database.names)
    try forEach(
      Statement(
        sqlite: """
          SELECT type, name, CASE WHEN type <> 'table' THEN sql END FROM sqlite_schema
          WHERE name GLOB 'regctl_*'
          """,
        postgreSQL: """
          WITH accounts AS (
            SELECT c.oid, c.relnamespace, c.relname, $name${users}$name$ AS words
            FROM pg_catalog.pg_class c WHERE c.oid = pg_catalog.to_regclass($name${users}$name$)
          )
          SELECT 'schema', nspname, NULL FROM pg_catalog.pg_namespace WHERE nspname = 'regctl'
          UNION ALL
          SELECT CASE c.relkind WHEN 'r' THEN 'table' WHEN 'i' THEN 'index' ELSE 'other' END,
            c.relname,
            CASE WHEN i.indisvalid THEN pg_catalog.regexp_replace(
              pg_catalog.replace(
                pg_catalog.pg_get_indexdef(c.oid),
                ' ON ' || pg_catalog.quote_ident(n.nspname) || '.'
                  || pg_catalog.quote_ident(t.relname) || ' USING btree ',
                ' ON ' || CASE WHEN t.oid = a.oid THEN a.words ELSE 'regctl.' || t.relname END
                  || ' '),
              ' WITH [(][^)]*[)]', '') END
          FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          LEFT JOIN accounts a ON true
          LEFT JOIN pg_catalog.pg_index i ON i.indexrelid = c.oid
          LEFT JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
          WHERE pg_catalog.starts_with(c.relname, 'regctl_') AND c.relkind NOT IN ('S', 't', 'c')
            AND CASE WHEN pg_catalog.starts_with(c.relname, 'regctl_users_')
              THEN n.oid = a.relnamespace ELSE n.nspname = 'regctl' END
          UNION ALL
          SELECT 'trigger', t.tgname,
            CASE WHEN t.tgenabled IN ('O', 'A') THEN
              'CREATE OR REPLACE FUNCTION regctl.' || p.proname || '() RETURNS trigger LANGUAGE '
                || l.lanname || CASE WHEN p.prosecdef THEN ' SECURITY DEFINER' ELSE '' END
                || coalesce(' SET ' || pg_catalog.array_to_string(p.proconfig, ' SET '), '')
                || ' AS $$' || p.prosrc || '$$; '
                || pg_catalog.replace(
                  pg_catalog.replace(
                    pg_catalog.pg_get_triggerdef(t.oid),
                    ' ON ' || pg_catalog.quote_ident(n.nspname) || '.'
                      || pg_catalog.quote_ident(a.relname) || ' ', ' ON ' || a.words || ' '),
                  ' EXECUTE FUNCTION ' || pg_catalog.quote_ident(p.proname) || '(',
                  ' EXECUTE FUNCTION ' || pg_catalog.quote_ident(f.nspname) || '.'
                    || pg_catalog.quote_ident(p.proname) || '(') END
          FROM accounts a
          JOIN pg_catalog.pg_trigger t ON t.tgrelid = a.oid
          JOIN pg_catalog.pg_namespace n ON n.oid = a.relnamespace
          JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
          JOIN pg_catalog.pg_namespace f ON f.oid = p.pronamespace
          JOIN pg_catalog.pg_language l ON l.oid = p.prolang
          WHERE pg_catalog.starts_with(t.tgname, 'regctl_')
          """)
    ) { found.insert($0.text(0), $0.text(1), definition: $0.optionalText(2)) }
    return found
  }

  private var definitions: FoundObjects.Definitions {
    switch location {
    case .file: .asWritten
    case .server: .rewritten
    }
  }

  /// The objects of a schema version that are missing or have another definition.
  ///
  /// An older version has fewer objects, and works with its own definitions of them.
  private func missingObjects(
    in version: Int64, among found: FoundObjects
  ) -> [SchemaObject] {
    guard version == Schema.version else {
      return (schemaObjects + [Schema.plainEmail]).filter {
        $0.firstVersion <= version && !found.haveName(of: $0)
      }
    }
    let missing = schemaObjects.filter { !found.hold($0) }
    let hasIndex = found.hold(Schema.uniqueEmail) || found.hold(Schema.plainEmail)
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
    keepsAttempts = found.names.contains(Schema.attempts.name)
    if !found.names.contains(Schema.locks.name) { hasLocks = false }
    if case .file = location, !found.names.contains("regctl_no_password") {
      try markNoPasswordByItself()
    }
    let figures = [Schema.purgedMails, Schema.purgedAccounts]
    keepsFigures = figures.allSatisfy { found.names.contains($0.name) }
    keepsBounces = found.names.contains(Schema.bounces.name)
    keepsMoments = found.names.contains(Schema.moments.name)
    keepsLanguages = found.names.contains(Schema.languages.name)
    if missing.contains(where: { $0.kind == .trigger }) {
      (keepsFigures, keepsBounces, keepsLanguages) = (false, false, false)
      try hideForeignHistory()
    }
    if !keepsFigures { leaveOutFigures() }
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
