/// Why nothing is pruned or brought back.
package enum PruneError: Error, Equatable, Sendable {
  /// More accounts would go than a run may delete.
  case tooMany(Int, limit: Int)
  case moreThanHalf(Int, of: Int)
  /// There is no such run, or the archive has none of its accounts left.
  case unknownRun(Int64, email: String?)
  /// A line of a plan's file that cannot be.
  case plan(path: String, line: Int, PrunePlan.Fault)
}
