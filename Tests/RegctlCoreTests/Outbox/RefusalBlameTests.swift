import Testing

@testable import RegctlCore

@Suite("RefusalBlame") struct RefusalBlameTests {
  private static let policy = "550 5.7.1 blocked"
  private static let unknownUser = "550 5.1.1 no such user"
  private static let unclear = "550 no"

  private var blame = RefusalBlame<Int>()

  private mutating func holdUnclear(_ count: Int) {
    for number in 0..<count {
      #expect(blame.judge(Self.unclear) == .unclear)
      blame.hold(number, Self.unclear, at: Site.start)
    }
  }

  @Test mutating func `three faults on this side in a row are a conclusion`() {
    for _ in 1...2 {
      #expect(blame.judge(Self.policy) == .here)
      #expect(blame.conclusion == nil)
    }
    #expect(blame.judge(Self.policy) == .here)
    #expect(blame.conclusion == Self.policy)
  }

  @Test(arguments: [true, false])
  mutating func `an answer about a recipient ends a row`(_ isAcceptance: Bool) {
    for _ in 1...4 {
      for _ in 1...2 { #expect(blame.judge(Self.policy) == .here) }
      if isAcceptance {
        blame.noteAcceptance()
      } else {
        #expect(blame.judge(Self.unknownUser) == .recipient)
      }
    }
    #expect(blame.conclusion == nil)
  }

  @Test mutating func `an unclear refusal is held until the server accepts a mail`() {
    holdUnclear(6)
    #expect(blame.release(atEnd: false).held.isEmpty)
    blame.noteAcceptance()
    let (held, areHere) = blame.release(atEnd: false)
    #expect(held.map(\.claim) == Array(0..<6))
    #expect(!areHere)
    #expect(blame.held.isEmpty)
    #expect(blame.judge(Self.unclear) == .recipient)
  }

  @Test mutating func `an unclear refusal is the recipient's beside one that is clear`() {
    holdUnclear(2)
    #expect(blame.judge(Self.unknownUser) == .recipient)
    #expect(blame.release(atEnd: false).held.map(\.reply) == [Self.unclear, Self.unclear])
  }

  @Test(arguments: [(1, false), (4, false), (5, true), (19, true)])
  mutating func `nothing but unclear refusals are a fault on this side`(
    _ count: Int, areHere: Bool
  ) {
    holdUnclear(count)
    #expect(blame.conclusion == nil)
    let released = blame.release(atEnd: true)
    #expect(released.held.count == count)
    #expect(released.areHere == areHere)
    #expect(blame.conclusion == (areHere ? Self.unclear : nil))
  }

  @Test mutating func `many unclear refusals end the pass`() {
    holdUnclear(20)
    #expect(blame.conclusion == Self.unclear)
  }
}
