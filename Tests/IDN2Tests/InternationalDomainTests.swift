import Testing

@testable import CIDN2
@testable import IDN2

@Suite("InternationalDomain") struct InternationalDomainTests {
  private static let longLabel = String(repeating: "ü", count: 57)

  @Test(arguments: [
    ("bücher.example", "xn--bcher-kva.example", "bücher.example"),
    ("BÜCHER.Example", "xn--bcher-kva.example", "bücher.example"),
    ("xn--bcher-kva.example", "xn--bcher-kva.example", "bücher.example"),
    ("XN--BCHER-KVA.example", "xn--bcher-kva.example", "bücher.example"),
    ("xn--bcher-kva.bücher.de", "xn--bcher-kva.xn--bcher-kva.de", "bücher.bücher.de"),
    // Without transitional processing, ß is a letter of its own; ſ is always an s.
    ("faß.de", "xn--fa-hia.de", "faß.de"), ("ſtraſſe.de", "strasse.de", "strasse.de"),
    // A combining mark, a full-width letter, a soft hyphen and a zero-width space.
    ("bu\u{308}cher.de", "xn--bcher-kva.de", "bücher.de"),
    ("ｂücher.de", "xn--bcher-kva.de", "bücher.de"),
    ("bü\u{ad}cher.de", "xn--bcher-kva.de", "bücher.de"),
    ("bü\u{200b}cher.de", "xn--bcher-kva.de", "bücher.de"),
    // Other dots.
    ("bücher。example", "xn--bcher-kva.example", "bücher.example"),
    ("example．org", "example.org", "example.org"),
    // A zero-width joiner where a script needs it.
    ("क्\u{200d}ष.in", "xn--11b2ezcw70k.in", "क्\u{200d}ष.in"),
    ("пример.рф", "xn--e1afmkfd.xn--p1ai", "пример.рф"), ("א1.de", "xn--1-zhc.de", "א1.de"),
    // One letter of another script is not refused: both spellings are shown.
    ("ехample.com", "xn--ample-ywe6i.com", "ехample.com"),
    ("my_host.bücher.de", "my_host.xn--bcher-kva.de", "my_host.bücher.de"),
    ("\(longLabel).de", "xn--tda\(String(repeating: "a", count: 56)).de", "\(longLabel).de"),
  ])
  func `a domain has two spellings`(_ text: String, ascii: String, unicode: String) throws {
    let domain = try InternationalDomain(text)
    #expect(domain.ascii == ascii)
    #expect(domain.unicode.unicodeScalars.elementsEqual(unicode.unicodeScalars))
    #expect(try InternationalDomain(domain.ascii) == domain)
    #expect(try InternationalDomain(domain.unicode) == domain)
  }

  @Test(arguments: [
    "xn--zzzz---.de", "0e.xn--SUg", "xn--0.de", "xn--a.de", "xn--.de", "xn--bücher.de",
    "xn--n3h.net",
    "☃.net", "😀.de", "a\u{200d}b.de", "1א.de", "-ü.de", "ü-.de", "ab--ü.de", "ü b.de",
    "ü\u{a0}b.de", "ü@x.de", "ü\u{0}.de", "ü\u{202e}.de", "ü\u{85}.de", "\(longLabel)ü.de",
    String(repeating: "ü.", count: 600) + "de", String(repeating: "ü", count: 1100),
    Array(repeating: longLabel, count: 5).joined(separator: "."),
  ])
  func `an invalid domain is an error with the reason`(_ text: String) {
    let error = #expect(throws: IDN2Error.self) { try InternationalDomain(text) }
    guard case .domain(let reason)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(!reason.isEmpty)
  }

  @Test(arguments: [
    ("example.org", false), ("EXAMPLE.org", false), ("", false), ("axn--b.org", false),
    ("xn-.org", false), ("x.xn-", false), ("xn--bcher-kva.example", true), ("a.XN--b", true),
    ("xn--", true), ("bücher.example", true), ("example。org", true),
  ])
  func `a domain in ASCII without an A-label needs no library`(_ domain: String, isNeeded: Bool) {
    #expect(InternationalDomain.isNeeded(for: domain.utf8) == isNeeded)
  }

  @Test func `the table has as many functions as names`() throws {
    #expect(MemoryLayout<regctl_libidn2>.size == MemoryLayout.size(ofValue: regctl_libidn2_names))
    _ = try IDN2Library.functions()
  }
}
