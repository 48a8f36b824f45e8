/// A prune run.
package struct PruneRun: Equatable, Sendable {
  package let number: Int64
  package let at: Instant
  package let actor: String
  package let cutoff: Instant
  package let pruned: Int
  package let restored: Int
}
