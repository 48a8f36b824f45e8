internal import Glibc
internal import System

/// Hands mails to a program that works as sendmail does: to Postfix, msmtp and their like.
///
/// No shell is involved. Exit code 0 means that the program answers for the mail; any other is a
/// reason to try again, because programs do not agree on what their codes mean.
struct SendmailTransport {
  private let path: String

  /// The program that was found under the path, without symbolic links.
  private let program: String
  private let timeLimit: Duration

  /// As much as a server may say in a reply; `ReplyExcerpt` says how much of it is kept.
  private static let maximumOutputByteCount = 65_536

  /// A transport through a program that counts for the user (`FileTrust`).
  init(path: String, timeLimit: Duration, uid: UInt32) throws(RegctlError) {
    self.path = path
    self.timeLimit = timeLimit
    program = try FileTrust(uid: uid).check(path).path
  }

  /// Checks that the program counts and can be run.
  static func check(_ path: String, uid: UInt32) throws(RegctlError) {
    guard try FileTrust(uid: uid).check(path).status?.isRegularFile == true,
      FileSystem.isExecutable(path)
    else {
      throw .delivery(.unavailable(reason: "\(path) is no program that can be run"))
    }
  }

  func send(_ mail: OutgoingMail) throws(DeliveryError) -> DeliveryVerdict {
    let arguments = [path, "-i", "-f", mail.envelopeSender, "--", mail.entry.email]
    // With the line ends of this system, as sendmail expects on its standard input.
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
    // It may have handed the mail on before it died.
    case .signalled(let signal):
      return deferred("died of signal \(signal)", isPossibleDuplicate: true)
    case .timedOut: return deferred("was ended after \(timeLimit)", isPossibleDuplicate: true)
    }
  }
}
