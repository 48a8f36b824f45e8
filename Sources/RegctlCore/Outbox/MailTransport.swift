/// A composed mail to be sent.
struct OutgoingMail {
  let entry: OutboxEntry

  /// The entry's address, or that of `mail_redirect_all`, with the domain in A-labels.
  let recipient: String

  /// The `Message-ID` without angle brackets.
  let messageID: String
  let envelopeSender: String

  /// Identifies the mail in a report that it could not be delivered; `nil` for a test mail.
  let envelopeID: EnvelopeID?

  /// The message with CRLF line ends.
  let bytes: [UInt8]
}

/// A way of sending mail.
protocol MailTransport {
  /// Whether a mail can be submitted now.
  var wantsMail: Bool { get }

  /// The maximum number of mails to claim at once.
  var longestWindow: Int { get }

  /// How many mails may have been sent and have no recorded result.
  var maximumUncertain: Int { get }

  /// The reason why no further mail can be sent: a fault of the server or the configuration.
  var fault: DeliveryError? { get }

  /// Prepares for a number of queued mails.
  mutating func open(for waiting: Int)

  /// Submits a mail; `step` returns its result.
  mutating func submit(_ mail: OutgoingMail)

  /// Waits for events, at most until a given time. So many of the earlier results are not recorded
  /// yet.
  mutating func step(
    until limit: ContinuousClock.Instant, unrecorded: Int
  ) -> [(id: MailID, verdict: DeliveryVerdict)]

  /// Gives back submitted mails that were not started; `step` returns them. No further mail will be
  /// submitted.
  mutating func recall()

  /// Ends everything in progress without waiting; `step` returns the results immediately.
  mutating func cut()

  /// Closes open connections, waiting at most until a given time.
  mutating func close(by limit: ContinuousClock.Instant?)
}

/// A transport that sends one mail at a time.
struct SequentialTransport: MailTransport {
  /// Sends a mail, or throws when nothing can be sent.
  let send: (OutgoingMail) throws(DeliveryError) -> DeliveryVerdict

  private(set) var fault: DeliveryError?
  private var done: [(id: MailID, verdict: DeliveryVerdict)] = []

  init(send: @escaping (OutgoingMail) throws(DeliveryError) -> DeliveryVerdict) {
    self.send = send
  }

  var longestWindow: Int { 1 }
  var maximumUncertain: Int { 1 }
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
    until limit: ContinuousClock.Instant, unrecorded: Int
  ) -> [(id: MailID, verdict: DeliveryVerdict)] {
    defer { done = [] }
    return done
  }

  mutating func recall() {}

  /// Nothing is in progress between two calls.
  mutating func cut() {}

  mutating func close(by limit: ContinuousClock.Instant?) {}
}
