/// Delivery status notifications in the forms that mail servers and providers send, written after
/// RFC 3464 and their documentation; each is about the mail `7.1795424400.0123456789abcdef01234567` to
/// `ann@example.org`.
enum DeliveryStatusSamples {
  static let envelopeID = "7.1795424400.0123456789abcdef01234567"

  /// The returned header of a mail of regctl's.
  static let returned = """
    Date: Mon, 23 Nov 2026 09:00:00 +0000
    From: Example <accounts@app.example>
    To: ann@example.org
    Subject: Confirm your account
    Message-ID: <1795424400.0123456789abcdef01234567@app.example>
    X-Regctl-Mail: 7.1795424400.0123456789abcdef01234567

    """

  /// Postfix, bounce(8): as local(8) passes it to a command, with a line `From ` and line ends of LF.
  static let postfix = """
    From MAILER-DAEMON  Mon Nov 23 09:00:01 2026
    Return-Path: <>
    X-Original-To: bounces@app.example
    Delivered-To: bounces@app.example
    Received: by relay.app.example (Postfix)
    \tid 4Yx0000001; Mon, 23 Nov 2026 09:00:01 +0000 (UTC)
    Date: Mon, 23 Nov 2026 09:00:01 +0000 (UTC)
    From: MAILER-DAEMON@relay.app.example (Mail Delivery System)
    Subject: Undelivered Mail Returned to Sender
    To: accounts@app.example
    Auto-Submitted: auto-replied
    MIME-Version: 1.0
    Content-Type: multipart/report; report-type=delivery-status;
    \tboundary="4Yx0000000.1795424401/relay.app.example"
    Content-Transfer-Encoding: 8bit
    Message-Id: <20261123090001.4Yx0000001@relay.app.example>

    This is a MIME-encapsulated message.

    --4Yx0000000.1795424401/relay.app.example
    Content-Description: Notification
    Content-Type: text/plain; charset=utf-8

    This is the mail system at host relay.app.example.

    <ann@example.org>: host mx.example.org[192.0.2.1] said: 550 5.1.1
        <ann@example.org>: Recipient address rejected: User unknown in local
        recipient table (in reply to RCPT TO command)

    --4Yx0000000.1795424401/relay.app.example
    Content-Description: Delivery report
    Content-Type: message/delivery-status

    Reporting-MTA: dns; relay.app.example
    Original-Envelope-Id: 7.1795424400.0123456789abcdef01234567
    X-Postfix-Queue-ID: 4Yx0000000
    X-Postfix-Sender: rfc822; accounts@app.example
    Arrival-Date: Mon, 23 Nov 2026 09:00:00 +0000 (UTC)

    Final-Recipient: rfc822; ann@example.org
    Original-Recipient: rfc822;ann@example.org
    Action: failed
    Status: 5.1.1
    Remote-MTA: dns; mx.example.org
    Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>: Recipient address rejected:
        User unknown in local recipient table

    --4Yx0000000.1795424401/relay.app.example
    Content-Description: Undelivered Message Headers
    Content-Type: text/rfc822-headers

    Return-Path: <accounts@app.example>
    \(returned)
    --4Yx0000000.1795424401/relay.app.example--

    """

  /// Exim, moan.c and deliver.c: it writes 5.0.0 for every failure.
  static let exim = """
    X-Failed-Recipients: ann@example.org
    Auto-Submitted: auto-replied
    From: Mail Delivery System <Mailer-Daemon@relay.app.example>
    To: accounts@app.example
    References: <1795424400.0123456789abcdef01234567@app.example>
    Content-Type: multipart/report; report-type=delivery-status; boundary=1795424401-eximdsn-123456789
    MIME-Version: 1.0
    Subject: Mail delivery failed: returning message to sender
    Message-Id: <E1tEsT-0000AB-1x@relay.app.example>
    Date: Mon, 23 Nov 2026 09:00:01 +0000

    --1795424401-eximdsn-123456789
    Content-type: text/plain; charset=us-ascii

    This message was created automatically by mail delivery software.

    --1795424401-eximdsn-123456789
    Content-type: message/delivery-status

    Reporting-MTA: dns; relay.app.example
    Original-Envelope-ID: 7.1795424400.0123456789abcdef01234567

    Action: failed
    Final-Recipient: rfc822;ann@example.org
    Status: 5.0.0
    Remote-MTA: dns; mx.example.org
    Diagnostic-Code: smtp; 550 5.1.1 <ann@example.org>: Recipient address rejected: User unknown

    --1795424401-eximdsn-123456789
    Content-type: text/rfc822-headers

    Return-path: <accounts@app.example>
    \(returned)

    --1795424401-eximdsn-123456789--

    """

  /// Exchange Online, "Non-delivery reports in Exchange Online": no ENVID, the words without a space
  /// behind their type, and the whole mail in the returned part.
  static let exchangeOnline = """
    From: <postmaster@outlook.example>
    To: <accounts@app.example>
    Date: Mon, 23 Nov 2026 09:00:02 +0000
    Content-Type: multipart/report; report-type=delivery-status;
    \tboundary="3f4cd3a5-9d0e-4c6f-8d0e-1f2a3b4c5d6e"
    X-MS-Exchange-Message-Is-Ndr:
    Content-Language: en-GB
    Message-ID: <aaaa@AM0EUR02.prod.outlook.example>
    In-Reply-To: <1795424400.0123456789abcdef01234567@app.example>
    Subject: Undeliverable: Confirm your account
    Auto-Submitted: auto-replied
    MIME-Version: 1.0

    --3f4cd3a5-9d0e-4c6f-8d0e-1f2a3b4c5d6e
    Content-Type: multipart/alternative; differences=Content-Type;
    \tboundary="0e7f3b8e-5b7c-4b8b-9b36-0e3e6c5d3a11"

    --0e7f3b8e-5b7c-4b8b-9b36-0e3e6c5d3a11
    Content-Type: text/plain; charset="us-ascii"
    Content-Transfer-Encoding: quoted-printable

    Your message to ann@example.org couldn't be delivered.=20

    --0e7f3b8e-5b7c-4b8b-9b36-0e3e6c5d3a11--

    --3f4cd3a5-9d0e-4c6f-8d0e-1f2a3b4c5d6e
    Content-Type: message/delivery-status

    Reporting-MTA: dns;AM0PR02MB0001.eurprd02.prod.outlook.example
    Received-From-MTA: dns;relay.app.example
    Arrival-Date: Mon, 23 Nov 2026 09:00:01 +0000

    Final-Recipient: rfc822;ann@example.org
    Action: failed
    Status: 5.1.10
    Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient ann@example.org not found by SMTP address lookup

    --3f4cd3a5-9d0e-4c6f-8d0e-1f2a3b4c5d6e
    Content-Type: message/rfc822

    Received: from relay.app.example (192.0.2.9) by AM0EUR02FT000.mail.protection.outlook.example
     (10.0.0.1) with Microsoft SMTP Server; Mon, 23 Nov 2026 09:00:01 +0000
    \(returned)Content-Type: text/plain

    Text

    --3f4cd3a5-9d0e-4c6f-8d0e-1f2a3b4c5d6e--

    """

  /// Gmail: several lines of the other server's reply, folded.
  static let gmail = """
    Return-Path: <>
    To: accounts@app.example
    Auto-Submitted: auto-replied
    Subject: Delivery Status Notification (Failure)
    References: <1795424400.0123456789abcdef01234567@app.example>
    From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>
    X-Failed-Recipients: ann@example.org
    Content-Type: multipart/report; boundary="0000000000001a2b3c0627a1b2c3"; report-type=delivery-status
    MIME-Version: 1.0
    Message-ID: <6742abcd.000a@mx.google.example>
    Date: Mon, 23 Nov 2026 01:00:02 -0800 (PST)

    --0000000000001a2b3c0627a1b2c3
    Content-Type: multipart/related; boundary="0000000000001a2b4d0627a1b2c4"

    --0000000000001a2b4d0627a1b2c4
    Content-Type: text/plain; charset="UTF-8"

    ** Address not found **

    --0000000000001a2b4d0627a1b2c4--
    --0000000000001a2b3c0627a1b2c3
    Content-Type: message/delivery-status

    Reporting-MTA: dns; googlemail.example
    Arrival-Date: Mon, 23 Nov 2026 01:00:01 -0800 (PST)
    X-Original-Message-ID: <1795424400.0123456789abcdef01234567@app.example>

    Final-Recipient: rfc822; ann@example.org
    Action: failed
    Status: 5.1.1
    Remote-MTA: dns; mx.example.org. (192.0.2.1, the server for the domain example.org.)
    Diagnostic-Code: smtp; 550-5.1.1 The email account that you tried to reach does not exist.
     Please try
     550-5.1.1 double-checking the recipient's email address for typos or
     550 5.1.1 unnecessary spaces. a1-20020a - gsmtp
    Last-Attempt-Date: Mon, 23 Nov 2026 01:00:02 -0800 (PST)

    --0000000000001a2b3c0627a1b2c3
    Content-Type: message/rfc822

    X-Received: by 2002:a05:6402:1 with SMTP id a1; Mon, 23 Nov 2026 01:00:01 -0800 (PST)
    \(returned)
    --0000000000001a2b3c0627a1b2c3--

    """

  /// Amazon SES, which replaces the Message-ID and writes Status as the last field.
  static let amazonSES = """
    Date: Mon, 23 Nov 2026 09:00:02 +0000
    From: MAILER-DAEMON@amazonses.example
    To: accounts@app.example
    Subject: Delivery Status Notification (Failure)
    Content-Type: multipart/report; boundary="----=_Part_1_2.3"; report-type=delivery-status
    Message-ID: <0102018d-aaaa@eu-west-1.amazonses.example>
    MIME-Version: 1.0

    ------=_Part_1_2.3
    Content-Type: text/plain; charset=us-ascii
    Content-Transfer-Encoding: 7bit

    An error occurred while trying to deliver the mail to the following recipients:
    ann@example.org
    ------=_Part_1_2.3
    Content-Type: message/delivery-status

    Reporting-MTA: dsn; a4-15.smtp-out.eu-west-1.amazonses.example

    Action: failed
    Final-Recipient: rfc822; ann@example.org
    Diagnostic-Code: smtp; 550 5.1.1 user unknown
    Status: 5.1.1

    ------=_Part_1_2.3
    Content-Type: message/rfc822

    Date: Mon, 23 Nov 2026 09:00:00 +0000
    From: Example <accounts@app.example>
    To: ann@example.org
    Message-ID: <0102018d-bbbb@eu-west-1.amazonses.example>
    X-Regctl-Mail: 7.1795424400.0123456789abcdef01234567

    Text
    ------=_Part_1_2.3--

    """

  /// All of them.
  static let all = [
    ("Postfix", postfix), ("Exim", exim), ("Exchange Online", exchangeOnline), ("Gmail", gmail),
    ("Amazon SES", amazonSES),
  ]
}
