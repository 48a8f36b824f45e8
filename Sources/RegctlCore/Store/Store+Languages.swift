internal import SQL

/// The languages of accounts.
extension Store {
  /// The language of an account; `nil` when it has none.
  package func language(of id: AccountID) throws(RegctlError) -> MailLanguage? {
    try languages(of: [id])[id]
  }

  /// The languages of accounts, as far as they have one: that in a column of the application's own,
  /// else the one that regctl recorded.
  func languages(of ids: [AccountID]) throws(RegctlError) -> [AccountID: MailLanguage] {
    let recorded = try recordedLanguages(of: ids)
    return try applicationLanguages(of: ids).merging(recorded) { own, _ in own }
  }

  /// The languages in the application's own column; what is not a language tag there counts for none.
  private func applicationLanguages(
    of ids: [AccountID]
  ) throws(RegctlError) -> [AccountID: MailLanguage] {
    guard let name = mapping.language else { return [:] }
    var query = ComposedQuery(
      SQLText("SELECT {id}, CAST({language} AS TEXT) FROM {table} WHERE {id}"))
    query.append("", in: ids.map(\.rawValue))
    var languages: [AccountID: MailLanguage] = [:]
    do throws(RegctlError) {
      try forEach(query.text, query.values) { row in
        languages[row.account(0)] = row.optionalText(1).flatMap(MailLanguage.init(locale:))
      }
    } catch .store(.schemaChanged) {
      // Another column of this statement would have been missed before.
      throw .store(
        .foreignUsersTable(path: location.text, faults: [.missingLanguage(name)]))
    }
    return languages
  }

  /// The languages that regctl recorded.
  func recordedLanguages(of ids: [AccountID]) throws(RegctlError) -> [AccountID: MailLanguage] {
    guard keepsLanguages else { return [:] }
    var languages: [AccountID: MailLanguage] = [:]
    try forEach(
      Statement(
        sqlite: """
          SELECT account_id, language FROM regctl_languages
          WHERE account_id IN (SELECT value FROM json_each($1))
          """,
        postgreSQL: """
          SELECT account_id, language FROM regctl_languages WHERE account_id = ANY ($1)
          """), .integers(ids.map(\.rawValue))
    ) { languages[$0.account(0)] = $0.word(1, else: MailLanguage.english) }
    return languages
  }

  /// The languages that regctl recorded for accounts with an ID greater than `last`, up to `end`.
  func recordedLanguages(
    after last: AccountID, through end: AccountID
  ) throws(RegctlError) -> [AccountID: MailLanguage] {
    var languages: [AccountID: MailLanguage] = [:]
    try forEach(
      "SELECT account_id, language FROM regctl_languages WHERE account_id > $1 AND account_id <= $2",
      .integer(last.rawValue), .integer(end.rawValue)
    ) { languages[$0.account(0)] = $0.word(1, else: MailLanguage.english) }
    return languages
  }

  /// Whether an export has languages: one is recorded, and the application has no column of its own
  /// that is called `language`.
  package func exportsLanguages(with columns: ApplicationColumns) throws(RegctlError) -> Bool {
    let key = AccountField.language.rawValue
    guard keepsLanguages, !columns.all.contains(where: { $0.key == key }) else { return false }
    return try first(
      """
      SELECT account_id FROM regctl_languages WHERE account_id > 0 ORDER BY account_id LIMIT 1
      """
    ) { _ in true } ?? false
  }

  /// Throws if the schema is too old to record languages.
  func requireLanguages() throws(RegctlError) {
    if !keepsLanguages { throw .store(.objectsMissing([Schema.languages.description])) }
  }

  /// Records the language of a new account, in the transaction that adds it.
  func add(_ language: MailLanguage, of id: AccountID, _ email: String) throws(RegctlError) {
    try requireLanguages()
    try changeOne(
      of: "regctl_languages",
      "INSERT INTO regctl_languages (account_id, email, language) VALUES ($1, $2, $3)",
      .integer(id.rawValue), .text(email), .text(language.tag))
  }

  /// Records the languages of accounts that were just imported into a database on a server.
  func addLanguages(
    of accounts: some Collection<ImportedAccount>, _ decisions: [ImportDecision]
  ) throws(RegctlError) {
    var ids: [Int64] = []
    var emails: [String] = []
    var tags: [String] = []
    for (account, decision) in zip(accounts, decisions) {
      guard let language = account.language, case .imported(let id) = decision else { continue }
      ids.append(id.rawValue)
      emails.append(account.email)
      tags.append(language.tag)
    }
    if ids.isEmpty { return }
    try requireLanguages()
    let count = try run(
      Statement(
        postgreSQL: """
          INSERT INTO regctl_languages (account_id, email, language)
          SELECT * FROM unnest(CAST($1 AS BIGINT[]), CAST($2 AS TEXT[]), CAST($3 AS TEXT[]))
          """), .integers(ids), .texts(emails), .texts(tags))
    if count != ids.count { throw ignoredChange(of: "regctl_languages") }
  }

  /// Gives the language of a deleted account back to it, under an address that it had.
  func giveBackLanguage(
    of address: String, number old: Value, to restored: Value
  ) throws(RegctlError) {
    guard keepsLanguages else { return }
    try run(
      """
      UPDATE regctl_languages SET account_id = $1
      WHERE account_id = -CAST($2 AS BIGINT) AND lower(email) = lower($3)
      """, restored, old, .text(address))
  }

  /// Removes the language of a person.
  func removeLanguage(of person: Person) throws(RegctlError) {
    guard keepsLanguages else { return }
    if let account = person.account {
      try run("DELETE FROM regctl_languages WHERE account_id = $1", .integer(account.id.rawValue))
    }
    for address in person.addresses {
      try run("DELETE FROM regctl_languages WHERE lower(email {bytes}) = $1", .text(address))
    }
  }
}
