internal import Base

/// A delivery status notification: what a mail server says became of a mail that it took
/// (RFC 3464, and RFC 6533 for addresses beyond ASCII).
///
/// Anybody can write one. Only a report that is the message itself is read, not one inside another.
package struct DeliveryStatus: Equatable, Sendable {
  /// What became of the mail for a recipient (RFC 3464, section 2.3.3).
  package enum Action: String, CaseIterable, Sendable {
    case failed, delayed, delivered, relayed, expanded
  }

  /// What a report says of one recipient.
  package struct Recipient: Equatable, Sendable {
    /// The address to which the mail could not be delivered, in the spellings that it may be read in.
    package let finalAddresses: [String]

    /// The address that the sender named, if the report has it.
    package let originalAddresses: [String]
    package let action: Action
    package let status: EnhancedStatus?

    /// The words of the server that refused the mail, on one line, without their type.
    package let diagnostic: String?

    /// The name of that server.
    package let remoteServer: String?
  }

  /// The identifier that the sender gave with ENVID, in the spellings that it may be read in.
  package let envelopeIDs: [String]

  /// The name of the server that reports.
  package let reportingServer: String?
  package let recipients: [Recipient]

  /// The header of the returned mail.
  package let returned: ReceivedHeader?

  /// A longer message is not read.
  package static let maximumByteCount = 1 << 20

  /// Recipients after these are left out: a mail of regctl's has one.
  package static let maximumRecipientCount = 50

  /// Reads a message, with line ends of CRLF or LF; `nil` when it is no such report.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count <= Self.maximumByteCount else { return nil }
    let message = ReceivedPart(Self.withoutMailboxLine(bytes))
    guard message.type.name == "multipart/report" else { return nil }
    if let kind = message.type[parameter: "report-type"]?.lowercased(), kind != "delivery-status" {
      return nil
    }
    let parts = message.parts
    let reportTypes = ["message/delivery-status", "message/global-delivery-status"]
    guard let report = parts.first(where: { reportTypes.contains($0.type.name) }) else {
      return nil
    }
    var groups = Self.groups(of: report.content)[...]
    guard let first = groups.popFirst() else { return nil }
    recipients = groups.compactMap(Recipient.init)
    if recipients.isEmpty { return nil }
    envelopeIDs = Self.spellings(of: first["original-envelope-id"])
    reportingServer = Self.server(first["reporting-mta"])
    let returnedTypes = [
      "message/rfc822", "text/rfc822-headers", "message/global", "message/global-headers",
    ]
    returned = parts.first { returnedTypes.contains($0.type.name) }
      .map { ReceivedHeader($0.content[...]) }
  }

  /// A message without the line `From sender date` that Postfix's local(8) writes before it.
  private static func withoutMailboxLine(_ bytes: [UInt8]) -> ArraySlice<UInt8> {
    guard bytes.starts(with: "From ".utf8) else { return bytes[...] }
    var lines = TextLines(bytes[...])
    _ = lines.next()
    return bytes[lines.position...]
  }

  /// The groups of fields of a report: of the message, and of each recipient.
  private static func groups(of content: [UInt8]) -> [ReceivedHeader] {
    var groups: [ReceivedHeader] = []
    var rest = content[...]
    while !rest.isEmpty, groups.count <= maximumRecipientCount {
      let group = ReceivedHeader(rest)
      rest = content[group.end...]
      if !group.isEmpty { groups.append(group) }
    }
    return groups
  }

  /// A value as it stands and decoded from xtext: RFC 3461, section 6.3, has it decoded, which not every
  /// server does.
  static func spellings(of text: String?) -> [String] {
    guard let text, !text.isEmpty else { return [] }
    guard text.utf8.contains(UInt8(ascii: "+")), let decoded = XText.decode(text) else {
      return [text]
    }
    return [text, decoded]
  }

  /// The name in `dns; mx.example`.
  static func server(_ text: String?) -> String? {
    guard let name = text.map({ typed($0).value }), !name.isEmpty else { return nil }
    return name
  }

  /// A type, in lower case, and the value behind its semicolon, on one line.
  static func typed(_ text: String) -> (type: String, value: String) {
    let bytes = Array(text.utf8)
    let line = { (part: ArraySlice<UInt8>) in
      part.split { $0 <= 0x20 }.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }
    guard let semicolon = bytes.firstIndex(of: UInt8(ascii: ";")) else {
      return ("", line(bytes[...]))
    }
    return (line(bytes[..<semicolon]).lowercased(), line(bytes[(semicolon + 1)...]))
  }
}

extension DeliveryStatus.Recipient {
  /// Reads the fields of a recipient; `nil` without the fields that RFC 3464, section 2.3, requires, or
  /// with an action that it does not know.
  init?(_ fields: ReceivedHeader) {
    guard let action = fields["action"].flatMap(Self.action),
      let finalRecipient = fields["final-recipient"]
    else { return nil }
    self.action = action
    finalAddresses = Self.addresses(in: finalRecipient)
    originalAddresses = fields["original-recipient"].map(Self.addresses) ?? []
    remoteServer = DeliveryStatus.server(fields["remote-mta"])
    let words = fields["diagnostic-code"].map { DeliveryStatus.typed($0).value }
    diagnostic = words.flatMap { $0.isEmpty ? nil : $0 }
    status = Self.status(fields["status"], diagnostic: diagnostic)
  }

  private static func action(_ text: String) -> DeliveryStatus.Action? {
    DeliveryStatus.Action(rawValue: firstWord(text).lowercased())
  }

  /// A value without the comment that may follow it.
  private static func firstWord(_ text: String) -> String {
    String(decoding: text.utf8.prefix { $0 > 0x20 && $0 != UInt8(ascii: "(") }, as: UTF8.self)
  }

  /// The address behind its type, in every spelling that servers use.
  private static func addresses(in text: String) -> [String] {
    let (type, value) = DeliveryStatus.typed(text)
    let address = ReceivedAddress.inside(value)
    guard !address.isEmpty else { return [] }
    if type == "utf-8" { return [ReceivedAddress.decodingUTF8Form(of: address) ?? address] }
    return DeliveryStatus.spellings(of: address)
  }

  /// The code of a recipient.
  ///
  /// Exim writes 5.0.0 for every failure; the words of the other server then say more.
  private static func status(_ field: String?, diagnostic: String?) -> EnhancedStatus? {
    let code = field.flatMap { EnhancedStatus(code: firstWord($0)) }
    guard code.map({ $0.subject == 0 && $0.detail == 0 }) ?? true,
      let words = diagnostic.flatMap({ EnhancedStatus(reply: singleLine($0)) }),
      code.map({ $0.level == words.level }) ?? true
    else { return code }
    return words
  }

  /// A reply with the hyphen of a line that is not the last, `550-5.1.1`, as a space.
  private static func singleLine(_ reply: String) -> String {
    var bytes = Array(reply.utf8)
    if bytes.count > 3, bytes[3] == UInt8(ascii: "-") { bytes[3] = UInt8(ascii: " ") }
    return String(decoding: bytes, as: UTF8.self)
  }
}
