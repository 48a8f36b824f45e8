internal import Base

/// The language of a mail: a tag of BCP 47 (RFC 5646) in its usual case, such as `de` or `pt-BR`.
package struct MailLanguage: Hashable, Sendable {
  /// The text is not a language tag.
  package struct Fault: Error, Equatable, Sendable {}

  package let tag: String

  static let english = MailLanguage(known: "en")

  private init(known tag: String) { self.tag = tag }

  /// Parses a tag in any case of letters: a language of two or three letters and further subtags,
  /// 35 bytes at most.
  package init(_ text: some StringProtocol) throws(Fault) {
    guard text.utf8.count <= 35 else { throw Fault() }
    let subtags = text.utf8.split(
      separator: UInt8(ascii: "-"), omittingEmptySubsequences: false
    ).map { Array($0) }
    guard let first = subtags.first, (2...3).contains(first.count), first.allSatisfy(\.isLetter),
      subtags.allSatisfy({ (1...8).contains($0.count) && $0.allSatisfy(\.isLetterOrDigit) })
    else { throw Fault() }
    tag = subtags.enumerated().map { index, subtag in
      String(decoding: Self.usualCase(of: subtag, isFirst: index == 0), as: UTF8.self)
    }.joined(separator: "-")
  }

  /// Parses a tag, or the same with underscores, as gettext and Babel write it; `nil` for other text.
  init?(locale text: String) {
    let bytes = text.utf8.map { $0 == UInt8(ascii: "_") ? UInt8(ascii: "-") : $0 }
    self.init(rawValue: String(decoding: bytes, as: UTF8.self))
  }

  /// A region of two letters is in capitals, and a script of four begins with one (RFC 5646,
  /// section 2.1.1).
  private static func usualCase(of subtag: [UInt8], isFirst: Bool) -> [UInt8] {
    let small = subtag.map(\.lowercased)
    guard !isFirst, small.allSatisfy(\.isSmallLetter) else { return small }
    switch small.count {
    case 2: return small.map { $0 - 0x20 }
    case 4: return [small[0] - 0x20] + small.dropFirst()
    default: return small
    }
  }

  /// The language, and those that it is a variety of: `pt-BR`, `pt` (RFC 4647, section 3.4).
  var chain: [MailLanguage] {
    var chain: [MailLanguage] = []
    var subtags = tag.split(separator: "-")[...]
    while !subtags.isEmpty {
      chain.append(MailLanguage(known: subtags.joined(separator: "-")))
      subtags = subtags.dropLast()
      // A single letter introduces what follows it.
      if let last = subtags.last, last.utf8.count == 1 { subtags = subtags.dropLast() }
    }
    return chain
  }
}

/// As it is stored.
extension MailLanguage: RawRepresentable {
  package var rawValue: String { tag }

  package init?(rawValue: String) {
    do throws(Fault) {
      self = try MailLanguage(rawValue)
    } catch {
      return nil
    }
  }
}
