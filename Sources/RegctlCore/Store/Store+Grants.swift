internal import SQL

/// The least rights that a role needs which owns nothing.
///
/// It can neither change nor drop a table, an index or a trigger, and cannot rewrite the audit: it
/// adds entries, and on `unprune` gives entries back to the account that they belong to.
extension Store {
  /// What commands need that write. Numbers of accounts are given out by the application's sequence,
  /// which an import moves forward.
  private static let writing: [StaticString] = [
    "GRANT SELECT, INSERT, DELETE ON {schema}.{users} TO {role}",
    "GRANT UPDATE ({updated}) ON {schema}.{users} TO {role}",
    "GRANT SELECT ON regctl_schema TO {role}",
    "GRANT UPDATE ON regctl_turn TO {role}",
    "GRANT SELECT, INSERT ON regctl_no_password, regctl_campaigns TO {role}",
    """
    GRANT SELECT, INSERT, UPDATE ON regctl_accounts, regctl_outbox, regctl_email_changes, \
    regctl_prunes TO {role}
    """,
    "GRANT SELECT, INSERT, DELETE ON regctl_archive, regctl_tombstones TO {role}",
    "GRANT SELECT, INSERT, UPDATE (account_id) ON regctl_audit TO {role}",
    "GRANT SELECT, INSERT, UPDATE (account_id, deleted_email) ON regctl_audit_accounts TO {role}",
  ]

  /// What commands need that only look. The token of a reset link is a password for an hour.
  private static let reading: [StaticString] = [
    "GRANT SELECT ({readable}) ON {schema}.{users} TO {role}",
    """
    GRANT SELECT ON regctl_schema, regctl_accounts, regctl_no_password, regctl_outbox, \
    regctl_audit, regctl_audit_accounts, regctl_campaigns, regctl_email_changes, regctl_prunes, \
    regctl_archive, regctl_tombstones TO {role}
    """,
  ]

  /// A `GRANT`, and what its placeholders stand for.
  private struct GrantStatement {
    let words: StaticString
    let names: Names

    var text: String { names.fill(words) }
  }

  /// The statements that give rights, as they would be run.
  func texts(of grants: [Grant]) throws(RegctlError) -> [String] {
    try statements(of: grants).map(\.text)
  }

  /// Gives rights; call it in a transaction. Returns the statements.
  func give(_ grants: [Grant]) throws(RegctlError) -> [String] {
    let usual = database.names
    defer { database.names = usual }
    let statements = try statements(of: grants)
    for statement in statements {
      database.names = statement.names
      try execute(Statement(postgreSQL: statement.words))
    }
    return statements.map(\.text)
  }

  private func statements(of grants: [Grant]) throws(RegctlError) -> [GrantStatement] {
    if grants.isEmpty { return [] }
    guard case .server = location else { throw .store(.noRoles(path: location.text)) }
    var statements: [GrantStatement] = []
    for grant in grants { statements += try self.statements(of: grant) }
    return statements
  }

  private func statements(of grant: Grant) throws(RegctlError) -> [GrantStatement] {
    guard let place = try place(of: grant) else { throw .store(.roleMissing(grant.role)) }
    let names = database.names.adding(place.names)
    var words: [StaticString] = []
    if !place.mayConnect { words.append("GRANT CONNECT ON DATABASE {database} TO {role}") }
    if !place.mayUseSchema { words.append("GRANT USAGE ON SCHEMA {schema} TO {role}") }
    words.append("GRANT USAGE ON SCHEMA regctl TO {role}")
    words += grant.access == .writing ? Self.writing : Self.reading
    var statements = words.map { GrantStatement(words: $0, names: names) }
    if grant.access == .writing {
      statements += try sequences().map { sequence in
        GrantStatement(
          words: "GRANT USAGE, UPDATE ON SEQUENCE {sequence} TO {role}",
          names: names.adding(["sequence": sequence]))
      }
    }
    return statements
      + (try references()).map { reference in
        GrantStatement(
          words: "GRANT SELECT ({column}) ON {reference} TO {role}",
          names: names.adding(["reference": reference.table, "column": reference.column]))
      }
  }

  /// Where the rights are given, and which of them everyone has.
  private struct Place {
    let names: [String: String]
    let mayConnect: Bool
    let mayUseSchema: Bool
  }

  /// `nil` when there is no such role.
  private func place(of grant: Grant) throws(RegctlError) -> Place? {
    let updated: [UsersMapping.Column] = [.email, .password, .admin, .confirmed, .confirmedOn]
    let names =
      updated.filter(mapping.written.contains).compactMap { mapping.name(of: $0) }
      + ["password_reset_token"]
    return try first(
      Statement(
        postgreSQL: """
          SELECT pg_catalog.current_database(), n.nspname,
            pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT'),
            pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE'),
            (SELECT string_agg('"' || replace(attname, '"', '""') || '"', ', ' ORDER BY attnum)
              FROM pg_catalog.pg_attribute
              WHERE attrelid = c.oid AND attname = ANY ($1) AND NOT attisdropped),
            (SELECT string_agg('"' || replace(attname, '"', '""') || '"', ', ' ORDER BY attnum)
              FROM pg_catalog.pg_attribute
              WHERE attrelid = c.oid AND attnum > 0 AND attname <> 'password_reset_token'
                AND NOT attisdropped)
          FROM pg_catalog.pg_roles r
          JOIN pg_catalog.pg_class c
            ON c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($2))
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE r.rolname = $3
          """), .texts(names), .text(mapping.table), .text(grant.role)
    ) { row in
      Place(
        names: [
          "role": Names.quoted(grant.role), "database": Names.quoted(row.text(0)),
          "schema": Names.quoted(row.text(1)), "updated": row.text(4), "readable": row.text(5),
        ], mayConnect: row.boolean(2), mayUseSchema: row.boolean(3))
    }
  }

  /// The sequences that give out the numbers of accounts: one that belongs to the column, or is in
  /// its default.
  private func sequences() throws(RegctlError) -> [String] {
    try rows(
      Statement(
        postgreSQL: """
          SELECT n.nspname, s.relname FROM pg_catalog.pg_class s
          JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
          JOIN pg_catalog.pg_attribute a
            ON a.attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1)) AND a.attname = $2
          WHERE s.relkind = 'S' AND (
            EXISTS (
              SELECT FROM pg_catalog.pg_depend d
              WHERE d.classid = CAST('pg_catalog.pg_class' AS pg_catalog.regclass)
                AND d.objid = s.oid AND d.refobjid = a.attrelid AND d.refobjsubid = a.attnum)
            OR EXISTS (
              SELECT FROM pg_catalog.pg_attrdef f JOIN pg_catalog.pg_depend d ON d.objid = f.oid
              WHERE d.classid = CAST('pg_catalog.pg_attrdef' AS pg_catalog.regclass)
                AND f.adrelid = a.attrelid AND f.adnum = a.attnum AND d.refobjid = s.oid))
          """), .text(mapping.table), Value(mapping.name(of: .id))
    ) { "\(Names.quoted($0.text(0))).\(Names.quoted($0.text(1)))" }
  }

  /// The columns of other tables that reference accounts, which `prune` looks at.
  private func references() throws(RegctlError) -> [(table: String, column: String)] {
    try rows(
      Statement(
        postgreSQL: """
          SELECT n.nspname, c.relname, a.attname FROM pg_catalog.pg_constraint k
          JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_catalog.pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = ANY (k.conkey)
          WHERE k.contype = 'f' AND k.conparentid = 0
            AND k.confrelid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
          """), .text(mapping.table)
    ) { row in
      (
        table: "\(Names.quoted(row.text(0))).\(Names.quoted(row.text(1)))",
        column: Names.quoted(row.text(2))
      )
    }
  }
}
