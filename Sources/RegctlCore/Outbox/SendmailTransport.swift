internal import Glibc
internal import System

/// Passes mails to a program compatible with sendmail, such as that of Postfix or msmtp.
///
/// No shell is involved. Exit code 0 means that the program is responsible for the mail; for any
/// other the mail is deferred, because programs do not agree on the meaning of their codes.
struct SendmailTransport {
  private let path: String

  /// The path of the program, without symbolic links.
  private let program: String
  private let timeLimit: Duration

  /// The size limit of a server's reply; `ReplyExcerpt` decides how much of it is stored.
  private static let maximumOutputByteCount = 65_536

  /// A transport through a trusted program (`FileTrust`).
  init(path: String, timeLimit: Duration, uid: UInt32) throws(RegctlError) {
    self.path = path
    self.timeLimit = timeLimit
    program = try FileTrust(uid: uid).check(path).path
  }

  /// Checks that the program is trusted and executable.
  static func check(_ path: String, uid: UInt32) throws(RegctlError) {
    guard try FileTrust(uid: uid).check(path).status?.isRegularFile == true,
      FileSystem.isExecutable(path)
    else {
      throw .delivery(.unavailable(reason: "\(path) is no program that can be run"))
    }
  }

  func send(_ mail: OutgoingMail) throws(DeliveryError) -> DeliveryVerdict {
    let arguments = [path, "-i", "-f", mail.envelopeSender, "--", mail.recipient]
    // With LF line ends, as sendmail expects on standard input.
    let content = mail.bytes.filter { $0 != UInt8(ascii: "\r") }
    let ending: ChildProcess.Ending
    do throws(FileError) {
      ending = try ChildProcess.run(
        program, arguments, input: content, outputLimit: Self.maximumOutputByteCount,
        within: timeLimit)
    } catch {
      throw .unavailable(reason: "cannot \(error.operation) \(error.path): \(error.reason)")
    }
    let words = String(decoding: ending.output, as: UTF8.self)
      .split { $0.isWhitespace }.joined(separator: " ")
    func deferred(_ reason: String, isPossibleDuplicate: Bool) -> DeliveryVerdict {
      .deferred(
        words.isEmpty ? "\(path) \(reason)" : "\(path) \(reason): \(words)",
        isPossibleDuplicate: isPossibleDuplicate)
    }
    switch ending.status {
    case .exited(0): return .sent(words.isEmpty ? "handed to \(path)" : words)
    case .exited(let code):
      return deferred("ended with exit code \(code)", isPossibleDuplicate: false)
    // The program may have forwarded the mail before it died.
    case .signalled(let signal):
      return deferred("died of signal \(signal)", isPossibleDuplicate: true)
    case .timedOut: return deferred("was ended after \(timeLimit)", isPossibleDuplicate: true)
    }
  }
}
