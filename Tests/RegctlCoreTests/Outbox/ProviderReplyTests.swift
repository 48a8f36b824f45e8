import SMTP
import Testing

@testable import RegctlCore

/// Replies as providers and common servers give them: whether the mail is tried again, whose fault a
/// refusal is, and what the cause means for advice.
@Suite("Replies of providers") struct ProviderReplyTests {
  /// What becomes of a mail after a reply.
  enum Verdict { case deferred, recipientRefused, notTakenFromHere, unclear }

  private static let replies: [(reply: String, cause: RefusalCause, verdict: Verdict)] = [
    // RFC 3463, RFC 7504, RFC 7372 and RFC 7505, in the words of Postfix and Exim.
    ("550 5.1.1 <a@x.org>: Recipient address rejected: User unknown", .address, .recipientRefused),
    ("550 5.1.2 <a@x.org>: Domain not found", .address, .recipientRefused),
    ("501 5.1.3 Bad recipient address syntax", .address, .recipientRefused),
    ("550 5.1.4 Destination mailbox address ambiguous", .address, .recipientRefused),
    ("551 5.1.6 Mailbox has moved", .address, .recipientRefused),
    ("501 5.1.7 Bad sender address syntax", .sender, .notTakenFromHere),
    ("550 5.1.8 <x@y>: Sender address rejected: Domain not found", .sender, .notTakenFromHere),
    ("556 5.1.10 Domain does not accept mail (nullMX)", .address, .recipientRefused),
    ("450 4.1.1 <a@x.org>: Recipient address rejected: unverified", .address, .deferred),
    ("550 5.2.1 Mailbox disabled, not accepting messages", .mailbox, .recipientRefused),
    ("552 5.2.2 Mailbox full", .mailbox, .recipientRefused),
    ("452 4.2.2 Mailbox full", .mailbox, .deferred),
    ("552 5.2.3 Message length exceeds limit of mailbox", .mailbox, .recipientRefused),
    ("552 5.3.4 Message size exceeds fixed maximum", .sender, .notTakenFromHere),
    ("452 4.3.1 Insufficient system storage", .unknown, .deferred),
    ("451 4.3.0 Temporary lookup failure", .unknown, .deferred),
    ("550 5.3.0 Other mail system problem", .unknown, .unclear),
    ("451 4.4.2 Timeout while reading input", .unknown, .deferred),
    ("550 5.4.4 Unable to route", .address, .recipientRefused),
    ("554 5.4.6 Too many hops", .unknown, .unclear),
    ("503 5.5.1 Error: need RCPT command", .sender, .notTakenFromHere),
    ("554 5.6.0 Message content is not acceptable", .sender, .notTakenFromHere),
    ("553 5.6.7 SMTPUTF8 is required and not offered", .mailbox, .recipientRefused),
    ("554 5.7.0 Reject, id=1234: BANNED", .sender, .notTakenFromHere),
    ("554 5.7.1 <a@x.org>: Relay access denied", .sender, .notTakenFromHere),
    (
      "554 5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org",
      .sender,
      .notTakenFromHere
    ),
    ("450 4.7.1 Client host rejected: cannot find your reverse hostname", .sender, .deferred),
    ("451 4.7.1 Greylisting in action, please come back later", .sender, .deferred),
    ("530 5.7.0 Must issue a STARTTLS command first", .sender, .notTakenFromHere),
    ("535 5.7.8 Error: authentication failed", .sender, .notTakenFromHere),
    ("550 5.7.23 SPF validation failed", .sender, .notTakenFromHere),
    ("550 5.7.25 Reverse DNS validation failed", .sender, .notTakenFromHere),
    ("550 No such user here", .unknown, .unclear), ("554 Message refused", .unknown, .unclear),
    ("553 sorry, that domain isn't in my list of allowed rcpthosts", .address, .recipientRefused),
    ("552 Quota exceeded", .mailbox, .recipientRefused),
    // Gmail: support.google.com/a/answer/3726730.
    (
      "550 5.1.1 The email account that you tried to reach does not exist.", .address,
      .recipientRefused
    ),
    (
      "550 5.2.1 The email account that you tried to reach is inactive.", .mailbox,
      .recipientRefused
    ),
    ("552 5.2.2 The recipient's inbox is out of storage space.", .mailbox, .recipientRefused),
    (
      "450 4.2.1 The user you are trying to contact is receiving mail at a rate that prevents more.",
      .mailbox, .deferred
    ),
    ("550 5.4.5 Daily user sending limit exceeded.", .sender, .notTakenFromHere),
    (
      "550 5.7.26 This mail has been blocked because the sender is unauthenticated.", .sender,
      .notTakenFromHere
    ),
    (
      "550 5.7.1 Our system has detected that this message is likely unsolicited mail.", .sender,
      .notTakenFromHere
    ),
    ("421 4.7.0 Our system has detected an unusual rate of unsolicited mail.", .sender, .deferred),
    ("421 4.7.28 Gmail has detected an unusual rate of mail.", .sender, .deferred),
    (
      "552 5.7.0 This message was blocked because its content presents a potential issue.", .sender,
      .notTakenFromHere
    ),
    // Outlook.com and Exchange Online: learn.microsoft.com, "Email non-delivery reports".
    (
      "550 5.5.0 Requested action not taken: mailbox unavailable (S2017062302).", .unknown, .unclear
    ),
    (
      "550 5.4.1 Recipient address rejected: Access denied. [AS201806281]", .address,
      .recipientRefused
    ),
    (
      "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup",
      .address, .recipientRefused
    ),
    ("550 5.4.310 DNS domain x.org does not exist", .address, .recipientRefused),
    (
      "554 5.2.2 mailbox full; STOREDRV.Deliver.Exception:QuotaExceededException", .mailbox,
      .recipientRefused
    ),
    (
      "550 5.7.1 Unfortunately, messages from [192.0.2.1] weren't sent. (S3140)", .sender,
      .notTakenFromHere
    ),
    ("550 5.7.606 Access denied, banned sending IP [192.0.2.1]", .sender, .notTakenFromHere),
    (
      "550 5.7.515 Access denied, sending domain doesn't meet the required authentication level",
      .sender, .notTakenFromHere
    ),
    (
      "451 4.7.650 The mail server [192.0.2.1] has been temporarily rate limited", .sender,
      .deferred
    ),
    ("451 4.7.500 Server busy. Please try again later", .sender, .deferred),
    // Yahoo: senders.yahooinc.com/smtp-error-codes.
    ("554 delivery error: dd This user doesn't have a yahoo.com account", .unknown, .unclear),
    ("552 1 Requested mail action aborted, mailbox not found", .mailbox, .recipientRefused),
    ("554 5.7.9 Message not accepted for policy reasons.", .sender, .notTakenFromHere),
    (
      "553 5.7.2 [TSS09] All messages from 192.0.2.1 will be permanently deferred", .sender,
      .notTakenFromHere
    ),
    (
      "421 4.7.0 [TSS04] Messages from 192.0.2.1 temporarily deferred due to user complaints",
      .sender, .deferred
    ),
    (
      "554 30 Sorry, your message cannot be delivered. This mailbox is disabled (554.30).",
      .unknown,
      .unclear
    ),
    // Relays.
    ("454 4.7.0 Temporary authentication failure", .sender, .deferred),
    ("554 Message rejected: Email address is not verified.", .unknown, .unclear),
    ("550 5.7.1 Sending quota exceeded, see your account", .sender, .notTakenFromHere),
  ]

  @Test func `there are sixty of them`() {
    #expect(Self.replies.count >= 60)
    #expect(Set(Self.replies.map(\.reply)).count == Self.replies.count)
  }

  @Test(arguments: replies)
  func `a reply tells whose fault it is`(_ reply: String, cause: RefusalCause, verdict: Verdict) {
    #expect(RefusalCause(reply: reply) == cause)
    guard reply.hasPrefix("5") else {
      #expect(verdict == .deferred)
      return
    }
    var blame = RefusalBlame<Int>()
    let judged: Verdict =
      switch blame.judge(reply) {
      case .recipient: .recipientRefused
      case .here: .notTakenFromHere
      case .unclear: .unclear
      }
    #expect(judged == verdict)
  }

  @Test func `a reply leads to the advice for its cause`() throws {
    let site = try Site()
    try site.register("ann@example.org")
    let id = MailID(rawValue: 1)
    let due = site.now + .seconds(60)
    for (reply, cause, verdict) in Self.replies {
      switch verdict {
      case .recipientRefused, .unclear:
        try site.store.finish(id, as: .failed, reply: reply, at: site.now)
      case .deferred, .notTakenFromHere:
        try site.store.deferMail(
          id, reply: reply, isPossibleDuplicate: false, at: site.now, until: due)
      }
      let refusal = HistoryAdvice.Refusal(mail: id, reply: reply, cause: cause, likely: nil)
      let advice: HistoryAdvice =
        switch (verdict, cause) {
        case (.recipientRefused, .mailbox): .otherWay(refusal)
        case (.recipientRefused, _), (.unclear, _): .fixAddress(refusal)
        case (.deferred, _), (.notTakenFromHere, _): .wait(until: due, refusal)
        }
      #expect(try site.history(of: "ann@example.org").advice == advice, "\(reply)")
    }
  }

  @Test func `an unclear refusal is the recipient's once a mail was accepted`() {
    for (reply, _, verdict) in Self.replies where verdict == .unclear {
      var blame = RefusalBlame<Int>()
      blame.noteAcceptance()
      #expect(blame.judge(reply) == .recipient)
    }
  }
}
