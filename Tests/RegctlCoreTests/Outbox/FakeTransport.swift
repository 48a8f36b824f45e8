import Testing

@testable import RegctlCore

/// A transport with results chosen by the test.
final class FakeTransport: MailTransport {
  /// The number of mails processed at once.
  var capacity = 1

  /// The result of a mail; `nil` while it is in flight.
  var verdict: (MailID) -> DeliveryVerdict? = { _ in .sent("ok") }

  /// Called when mails are announced, with their number.
  var opening: (Int) -> Void = { _ in }

  /// Called when a mail is submitted.
  var submission: (OutgoingMail) throws -> Void = { _ in }

  var fault: DeliveryError?

  /// The mails that are not started if they are recalled.
  var recallable: Set<Int64> = []

  /// The submitted mails, in order.
  private(set) var submitted: [Int64] = []
  private(set) var announced: [Int] = []
  private(set) var isClosed = false

  /// The number of calls of `cut`.
  private(set) var cuts = 0
  private var held: [MailID] = []
  private var recalled: [MailID] = []
  private var lost: [MailID] = []

  let longestWindow = 100
  var maximumUncertain: Int { capacity + 2 }
  var wantsMail: Bool { fault == nil && held.count < capacity }

  func open(for waiting: Int) {
    isClosed = false
    announced.append(waiting)
    opening(waiting)
  }

  func submit(_ mail: OutgoingMail) {
    #expect(wantsMail)
    #expect(!isClosed)
    held.append(mail.entry.id)
    submitted.append(mail.entry.id.rawValue)
    #expect(throws: Never.self) { try submission(mail) }
  }

  func step(
    until limit: ContinuousClock.Instant, unrecorded: Int
  ) -> [(id: MailID, verdict: DeliveryVerdict)] {
    if !recalled.isEmpty {
      defer { recalled = [] }
      return recalled.map { ($0, .returned) }
    }
    if !lost.isEmpty {
      defer { lost = [] }
      return lost.map { ($0, .deferred("cut", isPossibleDuplicate: $0.rawValue % 2 == 0)) }
    }
    for (index, id) in held.enumerated() {
      if let verdict = verdict(id) {
        held.remove(at: index)
        return [(id, verdict)]
      }
    }
    // Like a slow server.
    while ContinuousClock.now < limit {}
    return []
  }

  func recall() {
    recalled += held.filter { recallable.contains($0.rawValue) }
    held.removeAll { recallable.contains($0.rawValue) }
  }

  /// Loses mails with even numbers after their final dot.
  func cut() {
    cuts += 1
    lost += held
    held = []
  }

  func close(by limit: ContinuousClock.Instant?) {
    #expect(held.isEmpty)
    isClosed = true
  }
}
