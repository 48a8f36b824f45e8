internal import Base

/// A record that says which hosts may send a domain's mail (RFC 7208).
package struct SPFRecord: Equatable, Sendable {
  /// Whether any host may: the first `all` lets everything pass (section 5.1).
  package let isOpen: Bool

  /// Reads a TXT record; `nil` if it is none of SPF (section 4.5).
  package init?(_ record: [UInt8]) {
    let words = record.map(\.lowercased).split(separator: UInt8(ascii: " "))
    guard record.first != UInt8(ascii: " "), let version = words.first,
      version.elementsEqual("v=spf1".utf8)
    else { return nil }
    // Whatever is behind the first `all` is ignored; without a sign before it, it is `+all`.
    let all = words.first { word in
      word.elementsEqual("all".utf8)
        || word.count == 4 && word.dropFirst().elementsEqual("all".utf8)
          && "+-~?".utf8.contains(word[word.startIndex])
    }
    isOpen = all.map { $0.count == 3 || $0.first == UInt8(ascii: "+") } ?? false
  }
}
