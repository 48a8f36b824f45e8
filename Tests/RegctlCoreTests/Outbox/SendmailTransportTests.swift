import Glibc
import System
import TestSupport
import Testing

@testable import RegctlCore

@Suite("SendmailTransport") struct SendmailTransportTests {
  private let directory: TemporaryDirectory
  private var path: String { "\(directory.path)/sendmail" }

  init() throws {
    directory = try TemporaryDirectory()
    // As regctl does at start.
    signal(SIGPIPE, SIG_IGN)
  }

  /// Passes a mail to a script in place of sendmail.
  private func send(
    to email: String = "ann@example.org", bytes: String = "A: b\r\n\r\nText\r\n",
    within limit: Duration = .seconds(10), through script: String
  ) throws -> DeliveryVerdict {
    let text = try directory.write("script", "#!/bin/sh\ncd \(directory.path)\n\(script)\n")
    // Written by another program: a process started concurrently by another test could inherit the
    // open file, which then could not be executed.
    let ending = try ChildProcess.run(
      "/bin/sh", ["/bin/sh", "-c", "cp $0 $1 && chmod 700 $1", text, path], input: [],
      outputLimit: 1000,
      within: .seconds(10))
    try #require(ending.status == .exited(0))
    return try send(to: email, bytes: bytes, within: limit)
  }

  private func send(
    to email: String = "ann@example.org", bytes: String = "", within limit: Duration = .seconds(10)
  ) throws -> DeliveryVerdict {
    let entry = OutboxEntry(
      id: MailID(rawValue: 1), account: AccountID(rawValue: 1), email: email, kind: .confirm,
      purpose: .confirm, state: .sending, attempts: 1, queuedAt: Instant(seconds: 0),
      nextAttemptAt: nil,
      finishedAt: nil, lastReply: nil, messageID: "1@x.org", isPossibleDuplicate: false)
    return try SendmailTransport(path: path, timeLimit: limit, uid: geteuid()).send(
      OutgoingMail(
        entry: entry, recipient: entry.email, messageID: entry.messageID,
        envelopeSender: "bounces@x.org", envelopeID: nil,
        bytes: Array(bytes.utf8)))
  }

  private func file(_ name: String) throws -> String {
    try String(
      decoding: FileSystem.read("\(directory.path)/\(name)", atMost: 10_000), as: UTF8.self)
  }

  private func deferred(_ words: String, isPossibleDuplicate: Bool = false) -> DeliveryVerdict {
    .deferred("\(path) \(words)", isPossibleDuplicate: isPossibleDuplicate)
  }

  // MARK: Input

  @Test(arguments: ["ann@example.org", "-oQ/tmp@example.org", "$(id)@example.org", "a'b@x.org"])
  func `sender and recipient are arguments, after the options`(_ email: String) throws {
    _ = try send(to: email, through: #"printf '%s\n' "$@" > words"#)
    #expect(try file("words") == "-i\n-f\nbounces@x.org\n--\n\(email)\n")
  }

  @Test func `the mail has LF line ends`() throws {
    _ = try send(bytes: "A: b\r\n\r\n.\r\nText\r\n", through: "cat > mail")
    #expect(try file("mail") == "A: b\n\n.\nText\n")
  }

  // MARK: Output

  @Test func `exit code 0 means that the mail is sent`() throws {
    #expect(try send(through: "cat >/dev/null") == .sent("handed to \(path)"))
  }

  @Test(arguments: ["echo queued as 17", "echo '  queued\n\nas\t17 ' >&2"])
  func `the output is stored on one line`(_ script: String) throws {
    #expect(try send(through: script) == .sent("queued as 17"))
  }

  @Test func `the beginning of the output is stored`() throws {
    let verdict = try send(through: "head -c 100000 /dev/zero | tr '\\0' x")
    #expect(verdict == .sent(String(repeating: "x", count: 65_536)))
  }

  @Test func `a program may accept the mail without reading it`() throws {
    let bytes = String(repeating: "x\r\n", count: 100_000)
    #expect(try send(bytes: bytes, through: "exit 0") == .sent("handed to \(path)"))
  }

  // MARK: Failures

  @Test(arguments: [1, 64, 67, 69, 75, 127, 255])
  func `any other exit code defers the mail`(_ code: Int) throws {
    #expect(try send(through: "exit \(code)") == deferred("ended with exit code \(code)"))
  }

  @Test func `the reason contains exit code and output`() throws {
    #expect(
      try send(through: "echo no such user >&2; exit 67")
        == deferred("ended with exit code 67: no such user"))
  }

  @Test func `a signal defers the mail as a possible duplicate`() throws {
    #expect(
      try send(through: "kill -9 $$")
        == deferred("died of signal 9", isPossibleDuplicate: true))
  }

  @Test func `a timeout defers the mail`() throws {
    #expect(
      try send(within: .milliseconds(200), through: "exec sleep 30")
        == deferred("was ended after 0.2 seconds", isPossibleDuplicate: true))
  }

  @Test func `a missing program is an unavailable transport`() throws {
    #expect(
      throws: DeliveryError.unavailable(
        reason: "cannot run \(path): No such file or directory")
    ) { try send() }
  }

  @Test func `a program that is not executable is an unavailable transport`() throws {
    try directory.write("sendmail", "#!/bin/sh\n", mode: 0o600)
    #expect(throws: DeliveryError.unavailable(reason: "cannot run \(path): Permission denied")) {
      try send()
    }
  }
}
