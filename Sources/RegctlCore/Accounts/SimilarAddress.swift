/// An address that resembles one that no account has.
package struct SimilarAddress: Equatable, Sendable {
  /// Where the address was found.
  package enum Holder: Equatable, Sendable {
    case account
    /// In the archive of a prune run.
    case pruned(run: Int64)
    /// In the audit only, of an account that has another address now.
    case former(present: String)
    /// In the audit only, of an account that was deleted.
    case deleted
  }

  package let email: String
  package let holder: Holder
}
