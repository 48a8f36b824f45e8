import Testing

@testable import RegctlCore

@Suite("StreamTransport") struct StreamTransportTests {
  /// The output of the transport for a mail queued at a given time.
  private func written(queuedAt moment: Instant, bytes: String) throws -> String {
    let entry = OutboxEntry(
      id: MailID(rawValue: 1), account: AccountID(rawValue: 1), email: "ann@example.org",
      kind: .confirm, purpose: .confirm, state: .sending, attempts: 1, queuedAt: moment,
      nextAttemptAt: nil,
      finishedAt: nil, lastReply: nil, messageID: "1@x.org", isPossibleDuplicate: false)
    var output: [UInt8] = []
    let transport = StreamTransport { bytes in output += bytes }
    _ = try transport.send(
      OutgoingMail(
        entry: entry, recipient: entry.email, messageID: entry.messageID,
        envelopeSender: "bounces@x.org", envelopeID: nil,
        bytes: Array(bytes.utf8)))
    return String(decoding: output, as: UTF8.self)
  }

  @Test(
    arguments: [
      (1_795_424_400, "Mon Nov 23 09:00:00 2026"), (951_782_400, "Tue Feb 29 00:00:00 2000"),
      (1_793_696_400, "Tue Nov  3 09:00:00 2026"),
    ] as [(Int64, String)])
  func `a mail in an mbox begins with sender and date`(_ seconds: Int64, date: String) throws {
    #expect(
      try written(queuedAt: Instant(seconds: seconds), bytes: "A: b\r\n\r\nText\r\n")
        == "From bounces@x.org \(date)\nA: b\n\nText\n\n")
  }
}
