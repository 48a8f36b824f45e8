internal import Base

/// A received message, or a part of one: its header, type and content (RFC 2045, RFC 2046).
struct ReceivedPart {
  let header: ReceivedHeader
  let type: ContentType

  /// The content as received, in its transfer encoding.
  private let body: ArraySlice<UInt8>

  /// More parts than any report has; those after it are left out.
  static let maximumPartCount = 20

  /// Reads a header and what follows it.
  init(_ bytes: ArraySlice<UInt8>) {
    header = ReceivedHeader(bytes)
    type = ContentType(header)
    body = bytes[header.end...]
  }

  /// The content without its transfer encoding.
  var content: [UInt8] {
    switch header["content-transfer-encoding"]?.lowercased() {
    case "quoted-printable": QuotedPrintable.decode(body)
    // Damaged base64 is no content.
    case "base64": Base64.standard.decode(body) ?? []
    default: Array(body)
    }
  }

  /// The parts of a multipart, not those inside them; none of anything else.
  var parts: [ReceivedPart] {
    guard type.name.utf8.starts(with: "multipart/".utf8),
      let boundary = type[parameter: "boundary"],
      (1...200).contains(boundary.utf8.count)
    else { return [] }
    let delimiter = Array("--\(boundary)".utf8)
    var parts: [ReceivedPart] = []
    var start: Int?
    var lines = TextLines(body)
    var lineStart = lines.position
    while let line = lines.next(), parts.count < Self.maximumPartCount {
      defer { lineStart = lines.position }
      guard let isLast = Self.isLast(line, delimiter) else { continue }
      if let start { parts.append(ReceivedPart(body[start..<lineStart])) }
      start = lines.position
      if isLast { return parts }
    }
    // A report may be cut at a size limit, behind what matters.
    if let start, parts.count < Self.maximumPartCount { parts.append(ReceivedPart(body[start...])) }
    return parts
  }

  /// Whether a line is the last delimiter of a multipart; `nil` when it is none.
  private static func isLast(_ line: ArraySlice<UInt8>, _ delimiter: [UInt8]) -> Bool? {
    guard line.starts(with: delimiter) else { return nil }
    let rest = ReceivedHeader.trimmed(line.dropFirst(delimiter.count))
    if rest.isEmpty { return false }
    return rest.elementsEqual("--".utf8) ? true : nil
  }
}
