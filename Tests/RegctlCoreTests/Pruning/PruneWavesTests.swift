import Testing

@testable import RegctlCore

@Suite("PruneWaves") struct PruneWavesTests {
  private static let start: Int64 = 1_790_000_000
  private static let day: Int64 = 86_400

  /// Registrations of one domain at some seconds after the start.
  private struct Registrations {
    let domain: String
    let seconds: [Int64]
  }

  /// The waves among registrations, which are numbered from 1 in their order here.
  private func waves(_ all: [Registrations]) -> [PruneWave] {
    var waves = PruneWaves()
    var number: Int64 = 0
    for registrations in all {
      for second in registrations.seconds {
        number += 1
        waves.add(
          PruneCandidate(
            id: AccountID(rawValue: number), email: "u\(number)@\(registrations.domain)",
            isConfirmed: false, isAdmin: false, stored: "", isOldByText: true,
            registeredOn: .moment(Instant(seconds: Self.start + second)), latestRegistration: nil,
            lastAct: nil))
      }
    }
    return waves.all
  }

  /// The number of accounts of each wave of one domain.
  private func sizes(_ seconds: [Int64]) -> [Int] {
    waves([Registrations(domain: "example.org", seconds: seconds)]).map(\.ids.count)
  }

  @Test func `nothing has no waves`() { #expect(waves([]) == []) }

  @Test(arguments: [(Int64(19), 0), (20, 1), (21, 1)])
  func `a wave has at least 20 accounts`(_ count: Int64, waves: Int) {
    #expect(sizes((0..<count).map { $0 * 60 }) == Array(repeating: Int(count), count: waves))
  }

  @Test(arguments: [(Int64(600), 1), (601, 2)])
  func `a wave ends where nobody registered for more than ten minutes`(
    _ gap: Int64, waves: Int
  ) {
    let first = (0..<20).map { Int64($0) }
    #expect(sizes(first + first.map { $0 + 19 + gap }).count == waves)
  }

  @Test func `a wave has the number, times and domain of its accounts`() throws {
    let found = waves([
      Registrations(domain: "example.net", seconds: [-90_000]),
      Registrations(domain: "Spam.Example", seconds: (0..<30).map { 30 - $0 }),
    ])
    let wave = try #require(found.first)
    #expect(found.count == 1)
    #expect(wave.number == AccountID(rawValue: 31))
    #expect(wave.ids.map(\.rawValue) == (2...31).reversed())
    #expect(wave.first == .moment(Instant(seconds: Self.start + 1)))
    #expect(wave.last == .moment(Instant(seconds: Self.start + 30)))
    #expect(wave.domains == ["spam.example"])
  }

  @Test func `what is usual for a domain is no wave, and many times as much is one`() {
    // Every seven minutes for 40 days, and on the last of them fifty in a minute.
    let usual = (0..<8200).map { Int64($0) * 420 }
    let burst = (0..<50).map { 39 * Self.day + 200 + $0 }
    #expect(sizes(usual) == [])
    #expect(sizes(usual + burst) == [50])
  }

  @Test func `domains with a few accounts make a wave together`() throws {
    let small = (0..<15).map { number in
      Registrations(
        domain: "d\(number).example", seconds: [Int64(number) * 100, 5000 - Int64(number)])
    }
    #expect(waves(small).map(\.ids.count) == [])
    let sudden = (0..<15).map { number in
      Registrations(
        domain: "d\(number).example", seconds: [Int64(number) * 100, Int64(number) * 100 + 9])
    }
    let wave = try #require(waves(sudden).first)
    #expect(wave.ids.count == 30)
    #expect(wave.domains.count == 15)
  }

  @Test func `a domain that is usual does not join the small ones`() {
    let small = (0..<19).map { Registrations(domain: "d\($0).example", seconds: [Int64($0)]) }
    let usual = Registrations(domain: "example.org", seconds: [5, Self.day, 3 * Self.day])
    #expect(waves(small + [usual]) == [])
  }

  @Test func `waves are in the order of their first accounts`() {
    let found = waves([
      Registrations(domain: "b.example", seconds: (0..<20).map { $0 + 5000 }),
      Registrations(domain: "a.example", seconds: (0..<20).map { $0 + 3000 }),
      Registrations(domain: "c.example", seconds: (0..<20).map { $0 + 4000 }),
    ])
    #expect(found.map(\.domains) == [["a.example"], ["c.example"], ["b.example"]])
  }

  @Test func `the spellings of an international domain are one`() {
    #expect(PruneWaves.domain(of: "ann@BÜCHER.example") == "xn--bcher-kva.example")
    #expect(PruneWaves.domain(of: "ann@xn--bcher-kva.example") == "xn--bcher-kva.example")
    #expect(PruneWaves.domain(of: "ann") == "")
  }
}
