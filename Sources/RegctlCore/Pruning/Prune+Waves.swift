extension Prune {
  /// The waves among the accounts that would go, in the order of their first accounts; the accounts
  /// that would go are held in memory, with some 50 bytes for each.
  package func waves(in store: Store) throws(RegctlError) -> [PruneWave] {
    var found = PruneWaves()
    _ = try look(store) { decisions in
      for decision in decisions where decision.keepReason == nil { found.add(decision.candidate) }
      return true
    }
    return found.all
  }

  /// The wave whose first account has a number.
  package func wave(_ number: AccountID, in store: Store) throws(RegctlError) -> PruneWave {
    guard let wave = try waves(in: store).first(where: { $0.number == number }) else {
      throw .prune(.unknownWave(number))
    }
    return wave
  }

  /// Counts, for each wave, the confirmed accounts of its domains that were registered within its
  /// time.
  package func countConfirmed(
    of waves: [PruneWave], in store: Store
  ) throws(RegctlError) -> [PruneWave] {
    guard let first = waves.map(\.first.assumingUTC).min(),
      let last = waves.map(\.last.assumingUTC).max()
    else { return waves }
    var ofDomain: [String: [Int]] = [:]
    for (index, wave) in waves.enumerated() {
      for domain in wave.domains { ofDomain[domain, default: []].append(index) }
    }
    var waves = waves
    try store.forEachConfirmed(registeredFrom: first, through: last) { email, date in
      for index in ofDomain[PruneWaves.domain(of: email)] ?? [] where waves[index].covers(date) {
        waves[index].confirmed += 1
      }
    }
    return waves
  }
}
