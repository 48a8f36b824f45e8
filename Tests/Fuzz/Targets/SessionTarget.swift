@testable import SMTP

/// An SMTP session with a server that sends anything, in any pieces, while the client sends in any
/// pieces.
struct SessionTarget: FuzzTarget {
  static let name = "session"

  /// The first bytes say how the session is protected and whether it has a password; each byte that
  /// follows is a step, some of which take the next bytes as those of the server.
  func check(_ input: [UInt8]) {
    guard input.count > 3 else { return }
    let security: Session.Security = [.implicitTLS, .startTLS, .clear][Int(input[0] % 3)]
    let hasPassword = input[1] & 1 == 1 && security != .clear
    var run = SessionRun(security: security, hasPassword: hasPassword)
    var rest = input[2...]
    while let step = rest.popFirst() {
      switch step % 4 {
      case 0, 1:
        let count = min(Int(step >> 2), rest.count)
        if !run.receive(rest.prefix(count), sending: step) { return }
        rest = rest.dropFirst(count)
      case 2: run.submit(step)
      default: run.act(step)
      }
      run.requireUnfinished()
    }
  }
}

/// A session under way, and what is known about it from outside.
private struct SessionRun {
  private static let password = "geheimXYZ"
  private static let passwordInBase64 = "Z2VoZWltWFla"
  private static let username = "user"

  private var session: Session
  private var isInTLS: Bool
  private var sent = SentBytes()
  private var live: Set<Int64> = []
  private var lastID: Int64 = 0
  private var acceptedCount = 0

  init(security: Session.Security, hasPassword: Bool) {
    session = Session(
      security: security, clientName: "[127.0.0.1]",
      credentials: hasPassword
        ? Credentials(username: Self.username, password: Array(Self.password.utf8)) : nil)
    isInTLS = security == .implicitTLS
    guard hasPassword else { return }
    session.observer = { verb, reply in
      guard verb == .auth else { return }
      for secret in [Self.password, Self.passwordInBase64] {
        Property.require(
          !reply.lines.contains { $0.utf8.contains(sequence: secret.utf8) },
          "a reply does not show the password")
      }
    }
  }

  /// Sends all of the output, or a part of it.
  private mutating func send(_ step: UInt8) {
    let output = session.pendingOutput
    let count = step & 1 == 0 ? output.count : (output.count + 1) / 2
    sent.append(output.prefix(count))
    session.sent(count)
    Property.require(isInTLS || !sent.hasAuthentication, "AUTH is not sent in clear")
  }

  /// Takes bytes from the server; `false` when the session has ended.
  mutating func receive(_ bytes: ArraySlice<UInt8>, sending step: UInt8) -> Bool {
    send(step)
    do throws(SessionFault) {
      for event in try session.receive(bytes) {
        if case .startTLS = event {
          Property.require(!session.hasPendingOutput, "nothing is sent before the handshake")
          isInTLS = true
          session.secured()
        }
        note(event)
      }
      return true
    } catch {
      Property.require(!error.reason.isEmpty, "a fault says what happened")
      requireUnfinished()
      return false
    }
  }

  private mutating func note(_ event: Session.Event) {
    guard case .completed(let id, let verdict) = event else { return }
    Property.require(live.remove(id) != nil, "a mail is completed once")
    if case .accepted = verdict {
      acceptedCount += 1
      Property.require(
        acceptedCount <= sent.endCount, "no mail is accepted before its end was sent")
    }
  }

  /// Submits a mail of one of several kinds.
  mutating func submit(_ step: UInt8) {
    guard session.canAccept else { return }
    lastID += 1
    live.insert(lastID)
    let recipient = ["x@y.example", "x y@z.example", "ü@y.example", "x@y.example"]
    let content: [[UInt8]] = [
      Array("A: b\r\n\r\n.x\r\n".utf8), Array("A: b\n\n.\nQUIT".utf8), [0xff, 13, 10], [],
    ]
    let envelope = Envelope(
      id: lastID, sender: "a@b.example", recipient: recipient[Int(step >> 2) & 3],
      envelopeID: step & 64 == 0 ? "7.1" : nil, content: content[Int(step >> 4) & 3])
    for event in session.submit(envelope) { note(event) }
  }

  /// Ends the session, takes back a mail, or sends.
  mutating func act(_ step: UInt8) {
    if step & 4 != 0, session.isIdle {
      session.quit()
    } else if step & 8 != 0 {
      if let id = session.recall() {
        Property.require(live.remove(id) != nil, "a mail is taken back once")
      }
    } else {
      send(step >> 4)
    }
  }

  mutating func requireUnfinished() {
    Property.require(
      session.unfinished.map(\.id).sorted() == live.sorted(),
      "what is unfinished is what was submitted and not completed")
    // One whose final dot was sent, one whose commands follow it (RFC 2920), and one that waits.
    Property.require(live.count <= 3, "few mails are submitted at once")
  }
}

/// What a client has sent, checked byte by byte.
private struct SentBytes {
  /// How many mails were sent to their final dot, as a server counts: no command is a dot alone.
  private(set) var endCount = 0

  /// Whether a line began with AUTH.
  private(set) var hasAuthentication = false

  /// The first bytes of the last line.
  private var line: [UInt8] = []
  private var isAfterCR = false

  mutating func append(_ bytes: some Sequence<UInt8>) {
    for byte in bytes {
      Property.require(isAfterCR == (byte == UInt8(ascii: "\n")), "there is no lone CR or LF")
      isAfterCR = byte == UInt8(ascii: "\r")
      if byte == UInt8(ascii: "\n") {
        if line == [UInt8(ascii: "."), UInt8(ascii: "\r")] { endCount += 1 }
        line.removeAll(keepingCapacity: true)
      } else if line.count < 4 {
        line.append(byte)
        if line.elementsEqual("AUTH".utf8) { hasAuthentication = true }
      }
    }
  }
}
