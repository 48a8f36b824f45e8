/// The second from which the timestamps of tokens are counted.
package enum TokenEpoch: String, CaseIterable, Sendable {
  /// 1970-01-01, as in itsdangerous 1.1 and later.
  case unix
  /// 2011-01-01, as in itsdangerous up to 0.24 (its constant `EPOCH`).
  case year2011 = "2011"

  /// Its seconds since 1970.
  var seconds: Int64 {
    switch self {
    case .unix: 0
    case .year2011: 1_293_840_000
    }
  }

  var other: TokenEpoch { self == .unix ? .year2011 : .unix }

  /// The epoch from which a timestamp was counted: this one, unless only the other makes sense.
  ///
  /// No token was issued before itsdangerous existed, and none in the future.
  func recognized(in timestamp: Int64, at now: Instant) -> TokenEpoch {
    !isPlausible(timestamp, at: now) && other.isPlausible(timestamp, at: now) ? other : self
  }

  private func isPlausible(_ timestamp: Int64, at now: Instant) -> Bool {
    (Self.year2011.seconds...max(Self.year2011.seconds, now.seconds)).contains(timestamp + seconds)
  }
}
