import Testing

@testable import SMTP

@Suite("DeliveryStatus") struct DeliveryStatusTests {
  private typealias Samples = DeliveryStatusSamples

  /// A report of given fields about a recipient.
  private func report(_ recipient: String, message: String = "Reporting-MTA: dns; mx")
    -> DeliveryStatus?
  {
    DeliveryStatus(
      Array(
        """
        Content-Type: multipart/report; report-type=delivery-status; boundary=b

        --b
        Content-Type: message/delivery-status

        \(message)

        \(recipient)
        --b--
        """.utf8))
  }

  private func recipient(_ fields: String) -> DeliveryStatus.Recipient? {
    report(fields)?.recipients.first
  }

  // MARK: The forms of servers

  @Test(arguments: Samples.all, ["\n", "\r\n"])
  func `a report of each server is read`(_ sample: (name: String, text: String), lineEnd: String)
    throws
  {
    let text = sample.text.split(separator: "\n", omittingEmptySubsequences: false)
      .joined(separator: lineEnd)
    let report = try #require(DeliveryStatus(Array(text.utf8)))
    let recipient = try #require(report.recipients.first)
    #expect(report.recipients.count == 1)
    #expect(recipient.finalAddresses == ["ann@example.org"])
    #expect(recipient.action == .failed)
    #expect(recipient.status?.description.hasPrefix("5.1.1") == true)
    #expect(recipient.diagnostic?.hasPrefix("550") == true)
    #expect(report.returned?["x-regctl-mail"] == Samples.envelopeID)
    #expect(report.returned?["to"] == "ann@example.org")
    #expect(report.reportingServer != nil)
  }

  @Test(arguments: [Samples.postfix, Samples.exim])
  func `servers that take ENVID give it back`(_ text: String) {
    #expect(DeliveryStatus(Array(text.utf8))?.envelopeIDs == [Samples.envelopeID])
  }

  @Test func `folded words are one line`() {
    let report = DeliveryStatus(Array(Samples.postfix.utf8))
    #expect(
      report?.recipients.first?.diagnostic
        == "550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown in local "
        + "recipient table")
    #expect(report?.recipients.first?.remoteServer == "mx.example.org")
    #expect(report?.reportingServer == "relay.app.example")
  }

  // MARK: Fields

  @Test(arguments: [
    ("5.1.1", "smtp; 550 5.7.1 no", "5.1.1"), ("5.0.0", "smtp; 550 5.7.1 no", "5.7.1"),
    ("5.0.0", "smtp; 550-5.7.1 no 550 5.7.1 go", "5.7.1"), ("5.0.0", "smtp; 550 no", "5.0.0"),
    ("5.0.0", "smtp; 450 4.2.2 full", "5.0.0"), ("4.4.7 (expired)", "x", "4.4.7"),
    ("", "smtp; 550 5.1.1 no", "5.1.1"),
  ])
  func `words tell more than 5.0.0`(_ status: String, words: String, expected: String) {
    let fields = "Final-Recipient: rfc822;a@x.org\nAction: failed"
    #expect(
      recipient("\(fields)\nStatus: \(status)\nDiagnostic-Code: \(words)")?.status?.description
        == expected)
  }

  @Test(arguments: [
    ("rfc822; a@x.org", ["a@x.org"]), ("RFC822;<a@x.org>", ["a@x.org"]),
    ("rfc822; Ann <a@x.org>", ["a@x.org"]), ("a@x.org", ["a@x.org"]),
    ("rfc822;a+2Btag@x.org", ["a+2Btag@x.org", "a+tag@x.org"]),
    ("rfc822;a+tag@x.org", ["a+tag@x.org"]),
    ("utf-8; j\\x{FC}rgen@x.org", ["jürgen@x.org"]), ("utf-8; jürgen@x.org", ["jürgen@x.org"]),
    ("rfc822;", []),
  ])
  func `addresses are read in the spellings of servers`(_ field: String, expected: [String]) {
    let recipient = recipient(
      "Final-Recipient: rfc822;b@x.org\nOriginal-Recipient: \(field)\nAction: failed")
    #expect(recipient?.originalAddresses == expected)
  }

  @Test(
    arguments: [("delayed", .delayed), ("Failed (for good)", .failed), ("RELAYED", .relayed)]
      as [(String, DeliveryStatus.Action)])
  func `the action is read in any case`(_ word: String, expected: DeliveryStatus.Action) {
    #expect(recipient("Action: \(word)\nFinal-Recipient: rfc822;a@x.org")?.action == expected)
  }

  @Test(arguments: [
    "Action: failed", "Final-Recipient: rfc822;a@x.org",
    "Final-Recipient: rfc822;a@x.org\nAction: eaten", "Status: 5.1.1", "",
  ])
  func `a group without a required field is left out`(_ fields: String) {
    #expect(report(fields) == nil)
  }

  @Test func `a report in base64 or quoted-printable is read`() throws {
    let base64 = """
      Content-Type: multipart/report; boundary=b

      --b
      Content-Type: message/delivery-status
      Content-Transfer-Encoding: BASE64

      UmVwb3J0aW5nLU1UQTogZG5zOyBteAoKQWN0aW9uOiBmYWlsZWQKRmluYWwtUmVjaXBpZW50OiBy
      ZmM4MjI7YUB4Lm9yZwo=
      --b
      Content-Type: message/global-headers
      Content-Transfer-Encoding: quoted-printable

      To: =6A@x.org
      Subject: long=
       line
      --b--
      """
    let report = try #require(DeliveryStatus(Array(base64.utf8)))
    #expect(report.recipients.first?.finalAddresses == ["a@x.org"])
    #expect(report.returned?["to"] == "j@x.org")
    #expect(report.returned?["subject"] == "long line")
  }

  @Test func `several recipients are read in order`() {
    func group(_ name: String) -> String { "Action: failed\nFinal-Recipient: rfc822;\(name)@x.org" }
    #expect(
      report("\(group("a"))\n\n\n\(group("b"))")?.recipients.map(\.finalAddresses)
        == [["a@x.org"], ["b@x.org"]])
  }

  // MARK: Other messages

  @Test(arguments: [
    "", "\n", "Subject: hello\n\ntext\n", "From a\n", "\u{0}\u{1}\u{2}",
    "Content-Type: multipart/report\n\n", "Content-Type: multipart/report; boundary=\n\n--\n",
    "Content-Type: multipart/report; boundary=b\n\n--b\n\ntext\n--b--\n",
    "Content-Type: multipart/report; boundary=b\n\n--b\nContent-Type: message/delivery-status\n",
    "Content-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nAction: failed\n"
      + "Final-Recipient: rfc822;a@x.org\n",
  ])
  func `what is no report is none`(_ text: String) {
    #expect(DeliveryStatus(Array(text.utf8)) == nil)
  }

  @Test(arguments: ["multipart/mixed", "multipart/report; report-type=disposition-notification"])
  func `a report of another type is none`(_ type: String) {
    let text = Samples.exim.replacing("multipart/report; report-type=delivery-status", with: type)
    #expect(DeliveryStatus(Array(text.utf8)) == nil)
  }

  @Test func `a report inside another message is none`() {
    let text = """
      Content-Type: multipart/report; report-type=delivery-status; boundary=outer

      --outer
      Content-Type: message/rfc822

      \(Samples.exim)
      --outer
      Content-Type: multipart/mixed; boundary=inner

      --inner
      Content-Type: message/delivery-status

      Reporting-MTA: dns; mx

      Action: failed
      Final-Recipient: rfc822;a@x.org
      --inner--
      --outer--
      """
    #expect(DeliveryStatus(Array(text.utf8)) == nil)
  }

  // MARK: Limits

  @Test func `a message over 1 MiB is not read`() {
    let fits = Array(Samples.exim.utf8)
    let padding = DeliveryStatus.maximumByteCount - fits.count
    #expect(DeliveryStatus(fits + Array(repeating: 0x78, count: padding)) != nil)
    #expect(DeliveryStatus(fits + Array(repeating: 0x78, count: padding + 1)) == nil)
  }

  @Test func `recipients, parts and fields have limits`() {
    let group = "Action: failed\nFinal-Recipient: rfc822;a@x.org\n\n"
    #expect(
      report(String(repeating: group, count: 5000))?.recipients.count
        == DeliveryStatus.maximumRecipientCount)
    let parts = String(repeating: "--b\n\nx\n", count: 30_000)
    #expect(
      ReceivedPart(Array("Content-Type: multipart/x; boundary=b\n\n\(parts)".utf8)[...]).parts.count
        == ReceivedPart.maximumPartCount)
    let fields = String(repeating: "a:\n", count: 100_000)
    #expect(ReceivedHeader(Array("\(fields)b: c\n".utf8)[...])["b"] == nil)
  }

  @Test(arguments: [
    "a:\n", "\n", " \n", "--b\n", "--b--\n", "=", "=\n", "\"", ";", "a", "\r", ">", "<", "\u{0}",
  ])
  func `a mebibyte of anything is read in linear time`(_ piece: String) {
    let count = (DeliveryStatus.maximumByteCount - 4000) / piece.utf8.count
    let filling = String(repeating: piece, count: count)
    let clock = ContinuousClock()
    let elapsed = clock.measure {
      _ = DeliveryStatus(Array(Samples.exim.utf8) + Array(filling.utf8))
      _ = DeliveryStatus(Array("Content-Type: multipart/report; boundary=\(filling)".utf8))
      _ = report("Action: failed\nFinal-Recipient: \(filling)")
    }
    #expect(elapsed < .seconds(60))
  }
}
