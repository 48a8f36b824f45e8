internal import RegctlCore

/// The accounts that a selection names.
struct FoundAccounts {
  private(set) var ids: [AccountID] = []

  /// The errors about those that do not exist, if several are named.
  private var missing: [CommandError] = []

  /// Looks accounts up by address or number; one that is named alone must exist.
  init(_ words: [String], in store: Store) throws(CommandError) {
    for word in words {
      do throws(RegctlError) {
        ids.append(try store.account(named: word).id)
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
    count.succeed(ids.count)
    for error in missing { count.fail(error) }
    return count.summary
  }
}
