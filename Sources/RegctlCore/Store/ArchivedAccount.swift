internal import Base
internal import SQL

/// A pruned account of the archive, in the form that both engines keep: on a server its row is one
/// value, in a file it has a column for each of the original application's and further rows.
struct ArchivedAccount {
  /// A column of the application's table, by its name there.
  struct Column {
    let name: String
    let value: Value
  }

  let run: Int64
  let number: Int64
  let email: Value
  let registeredAt: Value
  let notBefore: Value

  /// The columns that the account had besides its number, by name.
  let columns: [Column]

  init(
    run: Int64, number: Int64, email: Value, registeredAt: Value, notBefore: Value,
    columns: [Column]
  ) {
    self.run = run
    self.number = number
    self.email = email
    self.registeredAt = registeredAt
    self.notBefore = notBefore
    self.columns = columns.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
  }

  /// The key, for messages.
  var words: String { "\(run) \(number)" }

  /// Whether two accounts are the same in every value.
  func isIdentical(to other: ArchivedAccount) -> Bool {
    (run, number) == (other.run, other.number)
      && [email, registeredAt, notBefore].isIdentical(
        to: [other.email, other.registeredAt, other.notBefore])
      && columns.elementsEqual(other.columns) {
        $0.name.utf8.elementsEqual($1.name.utf8) && $0.value.isIdentical(to: $1.value)
      }
  }

  subscript(name: String?) -> Value? {
    guard let name else { return nil }
    return columns.first { $0.name.utf8.elementsEqual(name.utf8) }?.value
  }
}
