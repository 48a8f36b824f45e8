/// When an account would be pruned, or why it would be kept.
package enum PruneOutlook: Equatable, Sendable {
  /// Not before a time, if nothing happens until then.
  case after(Instant)
  case nextRun
  case kept(PruneCandidate.KeepReason)
}
