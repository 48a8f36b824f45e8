internal import RegctlCore

/// What the accounts have that a selection names.
struct Found<Item> {
  private(set) var items: [Item] = []

  /// The errors about those that do not exist, if several are named.
  private var missing: [CommandError] = []

  /// Looks each word up; one that is given alone must lead to an account.
  init(_ words: [String], _ lookUp: (String) throws(RegctlError) -> Item) throws(CommandError) {
    for word in words {
      do throws(RegctlError) {
        items.append(try lookUp(word))
      } catch .account(let error) where words.count > 1 {
        missing.append(.core(.account(error)))
      } catch {
        throw .core(error)
      }
    }
  }

  /// A summary with a failure for each account that does not exist.
  func summary(in context: Context) -> Summary {
    let count = FailureCount(in: context)
    count.succeed(items.count)
    for error in missing { count.fail(error) }
    return count.summary
  }
}

extension Found<AccountID> {
  /// The accounts with some addresses or numbers.
  init(_ words: [String], in store: Store) throws(CommandError) {
    try self.init(words) { word throws(RegctlError) in try store.account(named: word).id }
  }

  /// The accounts that a selection names by addresses or numbers; `nil` if it names none.
  init?(named words: [String]?, in store: Store) throws(CommandError) {
    guard let words else { return nil }
    try self.init(words, in: store)
  }

  var ids: [AccountID] { items }
}
