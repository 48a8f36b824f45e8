internal import Glibc
internal import System

/// Delivers to a Maildir, for staging and for tests that read the mail.
final class MaildirTransport {
  private let path: String
  private let temporary: Directory
  private let new: Directory
  private let function: SHA256

  /// Creates the Maildir if it is missing. See <https://cr.yp.to/proto/maildir.html>.
  init(path: String, namingBy function: consuming SHA256) throws(DeliveryError) {
    self.path = path
    self.function = function
    do throws(FileError) {
      try FileSystem.makeDirectories(path)
      let maildir = try Directory(path: path)
      temporary = try maildir.directory("tmp")
      new = try maildir.directory("new")
      _ = try maildir.directory("cur")
    } catch {
      throw Self.unavailable(error)
    }
  }

  /// Checks that existing parts of the Maildir are valid; the first delivery creates the rest.
  static func check(_ path: String) throws(RegctlError) {
    guard let status = try fileAccess(FileSystem.status(of: path)) else { return }
    func refuse(_ path: String) -> RegctlError {
      .delivery(.unavailable(reason: "\(path) is no directory"))
    }
    guard status.isDirectory else { throw refuse(path) }
    let maildir = try fileAccess(Directory(path: path))
    for name in ["tmp", "new", "cur"] {
      if let status = try fileAccess(maildir.status(of: name)), !status.isDirectory {
        throw refuse(maildir.shownPath(of: name))
      }
    }
  }

  /// The error for a Maildir that cannot be used.
  private static func unavailable(_ error: FileError) -> DeliveryError {
    .unavailable(reason: "cannot \(error.operation) \(error.path): \(error.reason)")
  }

  /// Writes the mail to `tmp` and moves it to `new`, with LF line ends.
  ///
  /// The file name depends only on the mail: if regctl is killed before it records the delivery,
  /// the second copy replaces the first.
  func send(_ mail: OutgoingMail) throws(DeliveryError) -> DeliveryVerdict {
    let content =
      Array("Return-Path: <\(mail.envelopeSender)>\n".utf8)
      + mail.bytes.filter { $0 != UInt8(ascii: "\r") }
    do throws(FileError) {
      try write(content, as: name(of: mail))
    } catch {
      throw Self.unavailable(error)
    }
    return .sent("delivered to \(path)")
  }

  private func write(_ content: [UInt8], as name: String) throws(FileError) {
    let draft = Directory.temporaryName(for: name)
    let file = try temporary.create(draft)
    do throws(FileError) {
      try file.write(content)
      try file.synchronize()
      try temporary.move(file, from: draft, to: new, as: name)
    } catch {
      temporary.remove(draft)
      throw error
    }
  }

  /// A file name derived from a hash, so that it reveals nothing of the mail.
  private func name(of mail: OutgoingMail) -> String {
    let identity = Array("\(mail.entry.id.rawValue) \(mail.messageID)".utf8)
    return "\(function.hash(of: identity).prefix(32)).regctl"
  }
}
