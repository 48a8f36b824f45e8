internal import RegctlCore

/// The implementation of `prune --waves`.
struct PruneWaveList: Sendable {
  let prune: RegctlCore.Prune

  func run(in store: Store, to sink: RowSink) throws(CommandError) -> Summary {
    let waves = try core(prune.waves(in: store))
    let rows = Self.begin(on: sink, cutoff: prune.moment)
    let counted =
      sink.printed(PruneWaveRow.columns).contains("confirmed")
      ? try core(prune.countConfirmed(of: waves, in: store)) : waves
    rows.push(counted.map(PruneWaveRow.init))
    var summary = Summary()
    if let largest = waves.max(by: { $0.ids.count < $1.ids.count }) {
      summary.sentences = [
        "The same command with --wave \(largest.number.rawValue) prunes the largest."
      ]
    }
    return summary
  }

  /// Begins the list.
  @discardableResult
  static func begin(on sink: RowSink, cutoff: Instant?) -> RowList<PruneWaveRow> {
    sink.list(
      "waves", of: PruneWaveRow.self, after: [ReportField("cutoff", ReportValue(cutoff))],
      as: .table(), isCounted: true)
  }
}
