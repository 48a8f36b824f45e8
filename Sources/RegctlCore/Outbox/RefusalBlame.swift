/// Decides, during a delivery pass, whose fault refusals are.
///
/// A reply may say that the fault is on this side: policy, reputation, rights, the sender's address
/// (RFC 3463, section 3). Such a mail is not lost, and after several in a row the pass ends, because
/// the server takes no mail from here. Other replies do not tell, such as `550 blocked`. They are held
/// until the server has accepted another mail or judged another address; where a pass meets nothing
/// but such refusals, they are taken for a fault on this side, too.
struct RefusalBlame<Claim> {
  /// A refused mail whose fault is not known yet.
  struct Held {
    let claim: Claim
    let reply: String
    let at: Instant
  }

  /// How many refusals in a row end a pass.
  static var longestStreak: Int { 3 }

  /// How many refusals that do not tell are a fault on this side, if the pass meets nothing else.
  static var leastUnclear: Int { 5 }

  /// How many of them end a pass.
  static var mostUnclear: Int { 20 }

  /// The refusals that do not tell, in the order of their arrival.
  private(set) var held: [Held] = []
  private var streak = 0
  private var isServerJudging = false

  /// The last reply by which the server takes no mail from here; `nil` as long as that is not known.
  private(set) var conclusion: String?

  /// Whether a refusal is the recipient's, a fault on this side, or unclear and to be held.
  enum Judgement: Equatable {
    case recipient, here, unclear
  }

  /// Judges a refusal, and notes it.
  mutating func judge(_ reply: String) -> Judgement {
    switch RefusalCause(reply: reply) {
    case .sender:
      streak += 1
      if streak >= Self.longestStreak { conclusion = reply }
      return .here
    case .address, .mailbox:
      streak = 0
      isServerJudging = true
      return .recipient
    case .unknown: return isServerJudging ? .recipient : .unclear
    }
  }

  /// Notes that a mail was accepted.
  mutating func noteAcceptance() {
    streak = 0
    isServerJudging = true
  }

  /// Keeps an unclear refusal until more is known.
  mutating func hold(_ claim: Claim, _ reply: String, at moment: Instant) {
    held.append(Held(claim: claim, reply: reply, at: moment))
    if held.count >= Self.mostUnclear { conclusion = reply }
  }

  /// The held refusals about which more is known now, and whether they are a fault on this side.
  mutating func release(atEnd isEnd: Bool) -> (held: [Held], areHere: Bool) {
    guard !held.isEmpty, isServerJudging || isEnd else { return ([], false) }
    let areHere = !isServerJudging && held.count >= Self.leastUnclear
    if areHere { conclusion = held.last?.reply }
    defer { held = [] }
    return (held, areHere)
  }
}
