internal import RegctlCore

/// A wave of registrations that a prune would take.
struct PruneWaveRow: ResultRow {
  static let columns: [Column] = [
    Column("wave", rank: 0), Column("accounts", rank: 0), Column("confirmed", rank: 2),
    Column("first", rank: 2), Column("last", isUsual: false, rank: 3),
    Column("domain", rank: 0, least: 12), Column("domains", isUsual: false, rank: 3),
  ]

  let wave: PruneWave

  init(_ wave: PruneWave) { self.wave = wave }

  var cells: [ReportValue] {
    [
      .integer(wave.number.rawValue), ReportValue(wave.ids.count), ReportValue(wave.confirmed),
      ReportValue(wave.first), ReportValue(wave.last), ReportValue(wave.domains.first),
      ReportValue(wave.domains.count),
    ]
  }
}
