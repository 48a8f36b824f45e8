import TestSupport
import Testing

@testable import RegctlCore

@Suite("BatchPacer") struct BatchPacerTests {
  let site: Site

  init() throws { site = try Site() }

  @Test func `short transactions become longer, up to the largest`() throws {
    var pacer = BatchPacer(first: 10, largest: 20)
    var sizes: [Int] = []
    for _ in 0..<4 {
      try pacer.run(in: site.store) { size throws(RegctlError) in sizes.append(size) }
    }
    #expect(sizes == [10, 16, 20, 20])
  }

  @Test func `long transactions become shorter, down to a row`() throws {
    var pacer = BatchPacer(first: 3, largest: 20)
    var sizes: [Int] = []
    for _ in 0..<4 {
      try pacer.run(in: site.store) { size throws(RegctlError) in
        sizes.append(size)
        let end =
          ContinuousClock.now + .milliseconds(TestEngine.current == .sqlite ? 81 : 251)
        while ContinuousClock.now < end {}
      }
    }
    #expect(sizes == [3, 2, 1, 1])
  }

  /// The time between four transactions of a duration, and before the first.
  private func pauses(between duration: Duration) throws -> [Duration] {
    var pacer = BatchPacer()
    var ended = ContinuousClock.now
    var pauses: [Duration] = []
    for _ in 0..<4 {
      try pacer.run(in: site.store) { _ throws(RegctlError) in
        pauses.append(.now - ended)
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {}
      }
      ended = .now
    }
    return pauses
  }

  @Test(.only(.sqlite, "a server lets writers have their turn"))
  func `between two transactions there is time for another writer`() throws {
    let pauses = try pauses(between: .milliseconds(50))
    #expect(pauses[0] < .milliseconds(25))
    #expect(pauses[1...].allSatisfy { $0 >= .milliseconds(25) })
  }

  @Test(.only(.sqlite, "a server lets writers have their turn"))
  func `short transactions follow one another until they have taken as long as one may`() throws {
    let pauses = try pauses(between: .milliseconds(30))[1...]
    #expect(try #require(pauses.max()) >= .milliseconds(25))
    #expect(try #require(pauses.min()) < .milliseconds(25))
  }

  @Test(.only(.postgresql, "another writer does not wait in turn for a file"))
  func `where writers have their turn there is no pause`() throws {
    // A busy machine may pause at any of them.
    #expect(try #require(pauses(between: .milliseconds(50))[1...].min()) < .milliseconds(25))
  }

  @Test(.only(.sqlite, "a server lets writers have their turn"))
  func `the pause is long after another's change and after a long transaction`() throws {
    let other = try Store.open(.file(site.path), for: .writing, busyTimeout: .zero)
    let address = try EmailAddress("ann@example.org")
    var pacer = BatchPacer()
    var pauses: [Duration] = []
    for number in 0..<5 {
      try pacer.run(in: site.store) { _ throws(RegctlError) in
        let end = ContinuousClock.now + (number == 3 ? .milliseconds(101) : .zero)
        while ContinuousClock.now < end {}
      }
      pauses.append(pacer.pause)
      if number == 1 {
        _ = try Register.perform(
          address, .unusable, queuesMail: false, messageDomain: nil, in: other, at: site.now,
          by: Site.actor)
      }
    }
    #expect(pauses == [28, 28, 105, 105, 28].map { .milliseconds($0) })
  }
}
