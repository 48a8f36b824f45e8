/// A delivery status notification, as a mail server sends it.
package struct DeliveryReport {
  package var envelopeID: String?
  package var finalRecipient = "ann@example.org"
  package var originalRecipient: String?
  package var action = "failed"
  package var status = "5.1.1"
  package var diagnostic: String? = "smtp; 550 5.1.1 no such user"

  /// The fields of the returned header.
  package var returned: [String] = []

  package init() {}

  /// The whole message.
  package var bytes: [UInt8] {
    let message =
      ["Reporting-MTA: dns; relay.example"]
      + (envelopeID.map { ["Original-Envelope-Id: \($0)"] } ?? [])
    let recipient =
      ["Final-Recipient: rfc822; \(finalRecipient)"]
      + (originalRecipient.map { ["Original-Recipient: rfc822; \($0)"] } ?? [])
      + ["Action: \(action)", "Status: \(status)"]
      + (diagnostic.map { ["Diagnostic-Code: \($0)"] } ?? [])
    let lines =
      [
        "From: MAILER-DAEMON@relay.example", "To: accounts@app.example",
        "Content-Type: multipart/report; report-type=delivery-status; boundary=\"b\"", "",
        "--b", "Content-Type: text/plain", "", "It was not delivered.", "--b",
        "Content-Type: message/delivery-status", "",
      ]
      + message + [""] + recipient + ["", "--b", "Content-Type: text/rfc822-headers", ""] + returned
      + ["", "--b--", ""]
    return Array(lines.joined(separator: "\n").utf8)
  }
}
