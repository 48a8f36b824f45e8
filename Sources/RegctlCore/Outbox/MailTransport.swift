/// A composed mail on its way out.
struct OutgoingMail {
  let entry: OutboxEntry

  /// The `Message-ID` without angle brackets.
  let messageID: String
  let envelopeSender: String

  /// The message with CRLF line ends.
  let bytes: [UInt8]
}

/// A way for mail to leave.
protocol MailTransport {
  /// Whether a mail can be handed over now.
  var wantsMail: Bool { get }

  /// How many mails may be claimed at once; so many may be repeated after a kill.
  var longestWindow: Int { get }

  /// Why no further mail can leave: the fault of the server or the set-up, of no mail.
  var fault: DeliveryError? { get }

  /// Prepares for so many mails that wait.
  mutating func open(for waiting: Int)

  /// Hands a mail over; what becomes of it is told by `step`.
  mutating func submit(_ mail: OutgoingMail)

  /// Waits until something happens, at most until a moment.
  mutating func step(
    until limit: ContinuousClock.Instant
  ) -> [(id: MailID, verdict: DeliveryVerdict)]

  /// Gives back the mails that were handed over and not begun, as `step` will tell; no further one
  /// will be handed over.
  mutating func recall()

  /// Ends what is under way, whatever becomes of its mails, as `step` will tell at once.
  mutating func cut()

  /// Ends what is open, and waits for nothing beyond a moment.
  mutating func close(by limit: ContinuousClock.Instant?)
}

/// A transport that deals with one mail after the other.
struct SequentialTransport: MailTransport {
  /// Hands a mail over, or throws that nothing can leave.
  let send: (OutgoingMail) throws(DeliveryError) -> DeliveryVerdict

  private(set) var fault: DeliveryError?
  private var done: [(id: MailID, verdict: DeliveryVerdict)] = []

  init(send: @escaping (OutgoingMail) throws(DeliveryError) -> DeliveryVerdict) {
    self.send = send
  }

  var longestWindow: Int { 1 }
  var wantsMail: Bool { fault == nil && done.isEmpty }

  mutating func open(for waiting: Int) {}

  mutating func submit(_ mail: OutgoingMail) {
    do throws(DeliveryError) {
      done.append((mail.entry.id, try send(mail)))
    } catch {
      fault = error
      done.append((mail.entry.id, .returned))
    }
  }

  mutating func step(
    until limit: ContinuousClock.Instant
  ) -> [(id: MailID, verdict: DeliveryVerdict)] {
    defer { done = [] }
    return done
  }

  mutating func recall() {}

  /// Nothing is ever under way between two calls.
  mutating func cut() {}

  mutating func close(by limit: ContinuousClock.Instant?) {}
}
