internal import Base

/// A record that says what receivers shall do with mail that only pretends to be a domain's
/// (RFC 7489).
package struct DMARCRecord: Equatable, Sendable {
  /// Reads a TXT record; `nil` if it is none of DMARC: its first tag must be the version
  /// (section 6.3).
  package init?(_ record: [UInt8]) {
    let tag = record.prefix { $0 != UInt8(ascii: ";") }
    let parts = tag.split(separator: UInt8(ascii: "="), omittingEmptySubsequences: false)
      .map(Self.trimmed)
    guard parts.count == 2, parts[0].map(\.lowercased) == Array("v".utf8),
      parts[1].elementsEqual("DMARC1".utf8)
    else { return nil }
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    let isBlank: (UInt8) -> Bool = { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    var inner = bytes.drop(while: isBlank)
    while let last = inner.last, isBlank(last) { inner.removeLast() }
    return inner
  }

  /// The domains at which the record of a domain may be, in order: its own, then those above it down
  /// to the last with two labels.
  ///
  /// RFC 7489 asks the organisational domain second, which only a list of suffixes tells. This is
  /// the walk up the tree that replaces the list in DMARCbis (draft-ietf-dmarc-dmarcbis, section
  /// 4.10), with its limit on long names: eight questions.
  package static func places(for domain: String) -> [String] {
    let labels = domain.utf8.split(separator: UInt8(ascii: "."))
    let above = labels.indices.dropFirst().suffix(7).map { labels[$0...] }
    return ([labels[...]] + above.filter { $0.count >= 2 }).map { labels in
      labels.map { String(decoding: $0, as: UTF8.self) }.joined(separator: ".")
    }
  }
}
