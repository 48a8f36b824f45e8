internal import SQL

/// The least rights that a role needs which owns nothing.
///
/// It can neither change nor drop a table, an index or a trigger, and cannot rewrite the audit: it
/// adds entries, and on `unprune` gives entries back to the account that they belong to.
extension Store {
  /// What commands need that write. Numbers of accounts are given out by the application's sequence,
  /// which an import moves forward.
  private static func rightsToWrite(_ users: UsersColumns) -> [TableRights] {
    [
      TableRights([.all(.select), .all(.insert), .all(.delete)], on: users.table),
      TableRights([.columns(.update, users.updated)], on: users.table),
      TableRights([.all(.select)], onOwn: "regctl_schema"),
      TableRights([.all(.update)], onOwn: "regctl_turn"),
      TableRights(
        [.all(.select), .all(.insert)], onOwn: "regctl_no_password", "regctl_campaigns",
        "regctl_purged_accounts"),
      TableRights(
        [.all(.select), .all(.insert), .all(.update)],
        onOwn: "regctl_accounts", "regctl_prunes", "regctl_moments"),
      TableRights(
        [.all(.select), .all(.insert), .all(.delete)],
        onOwn: "regctl_archive", "regctl_tombstones", "regctl_attempts"),
      TableRights(
        [.all(.select), .all(.insert), .all(.update), .all(.delete)],
        onOwn: "regctl_outbox", "regctl_email_changes", "regctl_locks",
        "regctl_locked_passwords", "regctl_bounces", "regctl_languages", "regctl_pace"),
      TableRights(
        [.all(.select), .all(.insert), .columns(.update, ["account_id"])],
        onOwn: "regctl_purged_mails"),
      TableRights(
        [.all(.select), .all(.insert), .columns(.update, ["account_id"])], onOwn: "regctl_audit"),
      TableRights(
        [.all(.select), .all(.insert), .columns(.update, ["account_id", "deleted_email"])],
        onOwn: "regctl_audit_accounts"),
    ]
  }

  /// What commands need that only look. The token of a reset link is a password for an hour.
  private static func rightsToRead(_ users: UsersColumns) -> [TableRights] {
    [
      TableRights([.columns(.select, users.readable)], on: users.table),
      TableRights(
        [.all(.select)],
        onOwn: "regctl_schema", "regctl_accounts", "regctl_no_password", "regctl_outbox",
        "regctl_attempts", "regctl_audit", "regctl_audit_accounts", "regctl_campaigns",
        "regctl_email_changes", "regctl_prunes", "regctl_archive", "regctl_tombstones",
        "regctl_locks", "regctl_locked_passwords", "regctl_purged_mails",
        "regctl_purged_accounts", "regctl_bounces", "regctl_languages", "regctl_moments",
        "regctl_pace"),
    ]
  }

  /// The rights on tables and sequences that an access needs.
  func neededRights(for access: Grant.Access) throws(RegctlError) -> [TableRights] {
    guard let users = try usersColumns() else { return [] }
    var rights = access == .writing ? Self.rightsToWrite(users) : Self.rightsToRead(users)
    if access == .writing {
      rights += try sequences().map {
        TableRights([.all(.usage), .all(.update)], on: $0, isSequence: true)
      }
    }
    return rights
      + (try references()).map { TableRights([.columns(.select, [$0.column])], on: $0.table) }
  }

  /// The application's table, and columns of it.
  private struct UsersColumns {
    let table: String

    /// What commands change.
    let updated: [String]

    /// What commands read that only look.
    let readable: [String]
  }

  /// `nil` when there is no table of accounts.
  private func usersColumns() throws(RegctlError) -> UsersColumns? {
    let updated: [UsersMapping.Column] = [.email, .password, .admin, .confirmed, .confirmedOn]
    let names =
      updated.filter(mapping.written.contains).compactMap { mapping.name(of: $0) }
      + [Self.resetToken]
    var table: String?
    let columns = try rows(
      Statement(
        postgreSQL: """
          SELECT n.nspname, a.attname FROM pg_catalog.pg_class c
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          JOIN pg_catalog.pg_attribute a
            ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          WHERE c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1)) ORDER BY a.attnum
          """), .text(mapping.table)
    ) { row in
      table = "\(Names.quoted(row.text(0))).\(Names.quoted(mapping.table))"
      return row.text(1)
    }
    return table.map { table in
      UsersColumns(
        table: table, updated: columns.filter(names.contains),
        readable: columns.filter { $0 != Self.resetToken })
    }
  }

  private static let resetToken = "password_reset_token"

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
    return words.map { GrantStatement(words: $0, names: names) }
      + (try neededRights(for: grant.access)).map { rights in
        GrantStatement(
          words: "GRANT {rights} ON {objects} TO {role}",
          names: names.adding(["rights": rights.privilegeText, "objects": rights.objectText]))
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
    try first(
      Statement(
        postgreSQL: """
          SELECT pg_catalog.current_database(), n.nspname,
            pg_catalog.has_database_privilege(r.oid, pg_catalog.current_database(), 'CONNECT'),
            pg_catalog.has_schema_privilege(r.oid, n.oid, 'USAGE')
          FROM pg_catalog.pg_roles r
          JOIN pg_catalog.pg_class c
            ON c.oid = pg_catalog.to_regclass(pg_catalog.quote_ident($1))
          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE r.rolname = $2
          """), .text(mapping.table), .text(grant.role)
    ) { row in
      Place(
        names: [
          "role": Names.quoted(grant.role), "database": Names.quoted(row.text(0)),
          "schema": Names.quoted(row.text(1)),
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
      (table: "\(Names.quoted(row.text(0))).\(Names.quoted(row.text(1)))", column: row.text(2))
    }
  }
}
