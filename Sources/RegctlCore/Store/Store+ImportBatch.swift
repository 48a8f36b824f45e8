internal import Base
internal import SQL

/// Accounts of a file that are inserted together.
///
/// On a server each statement takes a round trip, and one that fails ends the transaction. So there a
/// statement inserts many accounts, without those whose number or address is taken. If the table
/// refuses some, the halves are tried until those are alone.
extension Store {
  /// Inserts accounts as described by a file, in order, and returns the result for each; call it in
  /// a transaction.
  ///
  /// Where an index keeps addresses unique regardless of case, the insertion itself detects that an
  /// address is taken, but for the other spelling of a domain.
  func add(
    _ accounts: [ImportedAccount], _ columns: ApplicationColumns, addressesAreUnique: Bool,
    at now: Instant
  ) throws(RegctlError) -> [ImportDecision] {
    if case .file = location {
      return try accounts.map { account throws(RegctlError) in
        try add(account, columns, addressesAreUnique: addressesAreUnique, at: now)
      }
    }
    var decisions: [ImportDecision] = []
    decisions.reserveCapacity(accounts.count)
    var rest = accounts[...]
    while let first = rest.first {
      let isAlone =
        !addressesAreUnique || columns.missing(in: first) != nil
        || AddressSpellings.areSeveral(for: first.email) || first.hasMalformedText
      let group =
        isAlone ? rest.prefix(1) : rest.prefix(groupSize(of: rest, columns))
      if isAlone, let decision = try decisionBefore(adding: first, columns) {
        decisions.append(decision)
      } else {
        decisions += try addTogether(group, columns, at: now)
      }
      rest = rest[group.endIndex...]
    }
    return decisions
  }

  /// The number of accounts, from the first, that one statement can insert: with the same columns,
  /// and with different addresses, so that it is known whose rows they are.
  private func groupSize(
    of accounts: ArraySlice<ImportedAccount>, _ columns: ApplicationColumns
  ) -> Int {
    guard let first = accounts.first else { return 0 }
    var addresses: Set<String> = []
    addresses.reserveCapacity(accounts.count)
    let end = accounts.firstIndex { account in
      !addresses.insert(account.email.lowercased()).inserted
        || (account.id == nil) != (first.id == nil)
        || !account.columns.elementsEqual(first.columns, by: { $0.position == $1.position })
        || account.hasMalformedText || columns.missing(in: account) != nil
        || AddressSpellings.areSeveral(for: account.email)
    }
    return (end ?? accounts.endIndex) - accounts.startIndex
  }

  /// The result for an account that must be looked for before it is inserted; `nil` when it can be
  /// inserted.
  private func decisionBefore(
    adding account: ImportedAccount, _ columns: ApplicationColumns
  ) throws(RegctlError) -> ImportDecision? {
    if account.hasMalformedText { return .constraint("a text is not valid UTF-8") }
    if let decision = try decision(about: account, columns) { return decision }
    return columns.missing(in: account).map(ImportDecision.columnMissing)
  }

  private func addTogether(
    _ group: ArraySlice<ImportedAccount>, _ columns: ApplicationColumns, at now: Instant
  ) throws(RegctlError) -> [ImportDecision] {
    let found = try insert(group, columns, at: now, ignoring: true)
    // Before the next account gets a number.
    if group.first?.id != nil, let greatest = found.compactMap(\.?.number).max() {
      try giveNumbers(past: AccountID(rawValue: greatest))
    }
    let decisions = try zip(group, found).map {
      account, found throws(RegctlError) -> ImportDecision in
      if let found { return found }
      if let decision = try decision(about: account, columns) { return decision }
      // Neither address nor ID conflicts, so the table's own error is reported.
      let alone = try insert([account], columns, at: now, ignoring: false)
      guard let decision = alone.first ?? nil else { throw ignoredChange(of: mapping.table) }
      return decision
    }
    try addLanguages(of: group, decisions)
    return decisions
  }

  /// Inserts accounts with the same columns; the result is `nil` for each that was not inserted
  /// because a row like it is there.
  private func insert(
    _ group: ArraySlice<ImportedAccount>, _ columns: ApplicationColumns, at now: Instant,
    ignoring: Bool
  ) throws(RegctlError) -> [ImportDecision?] {
    guard let first = group.first else { return [] }
    let document = try document(of: group, columns, at: now)
    let statement = columns.insertion(of: first, in: mapping, ignoring: ignoring)
    let detail: String
    do throws(RegctlError) {
      let inserted = try undoingIfItFails { () throws(RegctlError) in
        var inserted: [(email: String, id: AccountID)] = []
        inserted.reserveCapacity(group.count)
        try forEach(statement, [.text(document)]) { row in
          inserted.append((row.text(1), row.account(0)))
        }
        return inserted
      }
      // Rows come in the order of the accounts.
      if inserted.count == group.count { return inserted.map { .imported($0.id) } }
      let ids = Dictionary(inserted.map { ($0.email.lowercased(), $0.id) }) { first, _ in first }
      return group.map { ids[$0.email.lowercased()].map(ImportDecision.imported) }
    } catch .store(.constraint(let found)) {
      detail = found
    } catch .store(.schemaChanged(let found)) where !first.columns.isEmpty {
      detail = found
    }
    if group.count == 1 { return [.constraint(detail)] }
    let middle = group.startIndex + group.count / 2
    return try insert(group[..<middle], columns, at: now, ignoring: ignoring)
      + insert(group[middle...], columns, at: now, ignoring: ignoring)
  }

  /// The conflict that prevents an import, or `unchanged`; `nil` when the account can be added.
  private func decision(
    about account: ImportedAccount, _ columns: ApplicationColumns
  ) throws(RegctlError) -> ImportDecision? {
    if account.columns.isEmpty { return try importDecision(of: account, columns) }
    do throws(RegctlError) {
      return try undoingIfItFails { () throws(RegctlError) in
        try importDecision(of: account, columns)
      }
    } catch .store(.schemaChanged(let detail)) {
      return .constraint(detail)
    } catch .store(.constraint(let detail)) {
      return .constraint(detail)
    }
  }

  /// Runs a body in a transaction; if it fails, what it did is undone and the transaction goes on.
  func undoingIfItFails<Result>(
    _ body: () throws(RegctlError) -> Result
  ) throws(RegctlError) -> Result {
    try execute("SAVEPOINT attempt")
    do throws(RegctlError) {
      let result = try body()
      try execute("RELEASE SAVEPOINT attempt")
      return result
    } catch {
      try execute("ROLLBACK TO SAVEPOINT attempt; RELEASE SAVEPOINT attempt")
      throw error
    }
  }

  /// A JSON array of rows of the table.
  private func document(
    of group: ArraySlice<ImportedAccount>, _ columns: ApplicationColumns, at now: Instant
  ) throws(RegctlError) -> String {
    let names = mapping.written.map { mapping.name(of: $0) ?? "" }
    var json = JSONWriter(.minimal)
    json.bytes.reserveCapacity(256 * group.count)
    json.beginArray()
    for account in group {
      json.beginObject()
      for (name, value) in zip(names, try row(of: account, at: now).values(in: mapping)) {
        json.name(name)
        json.value(ColumnValue(value))
      }
      columns.append(account.columns, to: &json)
      json.endObject()
    }
    json.endArray()
    return json.text
  }
}

extension Store.ImportDecision {
  /// The number of an account that was imported.
  fileprivate var number: Int64? {
    if case .imported(let id) = self { id.rawValue } else { nil }
  }
}

extension ImportedAccount {
  /// Whether a text is not valid UTF-8, which only SQLite stores.
  fileprivate var hasMalformedText: Bool {
    columns.contains { if case .malformedText = $0.value { true } else { false } }
  }
}

extension ApplicationColumns {
  /// The statement that inserts the accounts of the JSON array `$1`, which have the same columns as
  /// `account`, and returns their IDs and addresses; those that are there already are left out if
  /// `ignoring` is set.
  ///
  /// Each value is read by its column's type; see `json_populate_record` in
  /// <https://www.postgresql.org/docs/15/functions-json.html>.
  fileprivate func insertion(
    of account: ImportedAccount, in mapping: UsersMapping, ignoring: Bool
  ) -> SQLText {
    let own = account.columns.map { all[$0.position] }
    let fields = account.id == nil ? "{unnumbered_columns}" as Statement : "{columns}"
    var sql = SQLText("INSERT INTO {table} (")
    sql.append(fields)
    for column in own {
      sql.append(", ")
      sql.append(name: column.name)
    }
    sql.append(") OVERRIDING SYSTEM VALUE SELECT ")
    sql.append(fields)
    for column in own {
      sql.append(", ")
      sql.append(read: column)
    }
    // Since version 16 a plan may read what is looked for in a hash table, in any order.
    sql.append(
      Statement(
        postgreSQL: """
           FROM json_array_elements(CAST($1 AS JSON)) WITH ORDINALITY AS e ("regctl row", "regctl line")
          CROSS JOIN LATERAL json_populate_record(CAST(NULL AS {table}), e."regctl row") r
          """))
    if ignoring {
      // An account that is there would use up a number of the sequence.
      sql.append(
        Statement(
          postgreSQL: """
             WHERE NOT EXISTS (
              SELECT 1 FROM {table} t WHERE lower(t.{email} COLLATE "C") = lower(r.{email} COLLATE "C"))
            """))
    }
    sql.append(Statement(postgreSQL: " ORDER BY e.\"regctl line\""))
    if ignoring { sql.append(Statement(postgreSQL: " ON CONFLICT DO NOTHING")) }
    sql.append(" RETURNING {id}, {email}")
    return sql
  }

  /// The statement that finds the account with the number `$2` if it has the values of the JSON
  /// object `$1`.
  ///
  /// Values are compared as JSON, in which all types can be compared and texts are equal only if
  /// their bytes are.
  func typedComparison(of contents: [ImportedAccount.ColumnContent]) -> SQLText {
    var sql = SQLText("SELECT 1 FROM json_populate_record(CAST(NULL AS {table}), $1) r")
    sql.append(" CROSS JOIN {table} t WHERE t.{id} = $2")
    for content in contents {
      let column = all[content.position]
      sql.append(" AND to_jsonb(t.")
      sql.append(name: column.name)
      sql.append(") IS NOT DISTINCT FROM to_jsonb(")
      sql.append(read: column)
      sql.append(")")
    }
    return sql
  }

  /// Values as a JSON object, for a record of the table.
  func document(of contents: [ImportedAccount.ColumnContent]) -> String {
    var json = JSONWriter(.minimal)
    json.beginObject()
    append(contents, to: &json)
    json.endObject()
    return json.text
  }

  fileprivate func append(
    _ contents: [ImportedAccount.ColumnContent], to json: inout JSONWriter
  ) {
    for content in contents {
      json.name(all[content.position].name)
      json.value(content.value)
    }
  }
}

extension SQLText {
  /// Appends a column of the record `r`.
  fileprivate mutating func append(read column: ApplicationColumn) {
    guard column.form == .document else {
      append("r.")
      append(name: column.name)
      return
    }
    // The record has the document as a JSON string.
    append(Statement(postgreSQL: "CAST(r."))
    append(name: column.name)
    append(Statement(postgreSQL: " #>> CAST(ARRAY[] AS TEXT[]) AS JSON)"))
  }
}

extension JSONWriter {
  /// Writes a value as text that a column of its type reads.
  mutating func value(_ value: ColumnValue) {
    switch value {
    case .null: null()
    case .integer(let integer): self.value("\(integer)")
    case .real(let real): self.value(Self.digits(of: real))
    case .text(let text): self.value(text)
    case .blob(let bytes): self.value(#"\x"# + Hexadecimal.text(of: bytes))
    case .malformedText(let bytes): self.value(utf8: bytes[...])
    }
  }

  /// The digits of a number; none behind the point of a whole number, which a column of integers
  /// takes then.
  private static func digits(of real: Double) -> String {
    if real.isInfinite { return real < 0 ? "-Infinity" : "Infinity" }
    return Int64(exactly: real).map { "\($0)" } ?? "\(real)"
  }
}
