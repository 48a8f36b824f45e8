internal import SMTP
internal import System

/// Writes mails to standard output as an mbox, for inspection or for another program.
struct StreamTransport {
  /// Writes all bytes, or throws.
  let write: ByteWriter

  /// Writes the mail after a `From ` line, with LF line ends.
  ///
  /// Quoted-printable encodes `From ` at the beginning of a line, so nothing needs quoting.
  func send(_ mail: OutgoingMail) throws(DeliveryError) -> DeliveryVerdict {
    let opening = "From \(mail.envelopeSender) \(asctime(mail.entry.queuedAt))\n"
    let content = mail.bytes.filter { $0 != UInt8(ascii: "\r") }
    do throws(FileError) {
      try write(Array(opening.utf8) + content + [UInt8(ascii: "\n")])
    } catch {
      throw .unavailable(reason: "cannot \(error.operation) \(error.path): \(error.reason)")
    }
    return .sent("written to standard output")
  }

  /// The date of an mbox `From ` line, as the C function `asctime` writes it.
  private func asctime(_ moment: Instant) -> String {
    let words = InternetDate.text(of: moment.seconds).split(separator: " ")
    let weekday = words[0].dropLast()
    let day = words[1].utf8.count == 1 ? " \(words[1])" : String(words[1])
    return "\(weekday) \(words[2]) \(day) \(words[4]) \(words[3])"
  }
}
