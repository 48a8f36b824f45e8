/// The reason why a prune or its reversal is rejected.
package enum PruneError: Error, Equatable, Sendable {
  /// More accounts would be pruned than a run may delete.
  case tooMany(Int, limit: Int)
  case moreThanHalf(Int, of: Int)
  /// The run does not exist, or the archive contains none of its accounts.
  case unknownRun(Int64, email: String?)
  /// No run has an account with the address in the archive.
  case notPruned(email: String)
  /// The accounts of the run, or the one with the address, were purged from the archive.
  case purged(Int64, at: Instant, email: String?)
  /// No wave begins with the account.
  case unknownWave(AccountID)
  /// A line of a plan file is invalid.
  case plan(path: String, line: Int, PrunePlan.Fault)
}
