internal import Glibc

/// Delivers into a Maildir: for staging, and for tests that read the mail.
struct MaildirTransport {
  private let path: String

  /// Makes the Maildir when it is missing. See <https://cr.yp.to/proto/maildir.html>.
  init(path: String) throws(DeliveryError) {
    self.path = path
    for directory in ["tmp", "new", "cur"] {
      try Self.perform(in: path) { () throws(RegctlError) in
        try FileSystem.makeDirectories("\(path)/\(directory)")
      }
    }
  }

  /// Checks that what is there of the Maildir is one; the rest is made by the first delivery.
  static func check(_ path: String) throws(RegctlError) {
    for directory in ["", "/tmp", "/new", "/cur"] {
      if let status = try FileSystem.status(of: path + directory), !status.isDirectory {
        throw .delivery(.unavailable(reason: "\(path + directory) is no directory"))
      }
    }
  }

  /// Runs an operation on files, whose failure means that the Maildir is out of order.
  private static func perform(
    in path: String, _ body: () throws(RegctlError) -> Void
  ) throws(DeliveryError) {
    do throws(RegctlError) {
      try body()
    } catch .file(let error) {
      throw .unavailable(reason: "cannot \(error.operation) \(error.path): \(error.reason)")
    } catch {
      throw .unavailable(reason: "cannot write to \(path)")
    }
  }

  /// Writes the mail under `tmp` and moves it to `new`, with the line ends of this system.
  ///
  /// The name follows from the mail's identity: should regctl be killed before it has recorded the
  /// delivery, the second copy takes the place of the first.
  func send(_ mail: OutgoingMail) throws(DeliveryError) -> DeliveryVerdict {
    let name = "\(mail.messageID).regctl"
    let content =
      Array("Return-Path: <\(mail.envelopeSender)>\n".utf8)
      + mail.bytes.filter { $0 != UInt8(ascii: "\r") }
    try Self.perform(in: path) { () throws(RegctlError) in
      try FileSystem.replace(
        "\(path)/new/\(name)", throughTemporary: "\(path)/tmp/\(name)", content: content)
    }
    return .sent("delivered to \(path)")
  }
}
