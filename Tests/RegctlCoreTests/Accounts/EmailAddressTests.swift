import Testing

@testable import RegctlCore

@Suite("EmailAddress") struct EmailAddressTests {
  private static let longLocalPart = String(repeating: "a", count: 64)
  private static let longLabel = String(repeating: "b", count: 63)

  /// Four labels, whose A-labels have 61 bytes each.
  private static let longUnicode = Array(repeating: String(repeating: "ü", count: 55), count: 4)
    .joined(separator: ".")

  @Test(arguments: [
    ("ann@example.org", "ann@example.org"), ("a@b.cd", "a@b.cd"),
    // The domain is lower-cased, the part before it is not.
    ("Ann.Bee@Example.ORG", "Ann.Bee@example.org"), ("ANN@X.ORG", "ANN@x.org"),
    ("o'hara@example.org", "o'hara@example.org"), ("ann+tag@example.org", "ann+tag@example.org"),
    ("!#$%&'*+-/?=^_`{|}~@example.org", "!#$%&'*+-/?=^_`{|}~@example.org"),
    ("a.b.c@example.org", "a.b.c@example.org"), ("1@example.org", "1@example.org"),
    ("-@example.org", "-@example.org"), ("ann@1.2.3.org", "ann@1.2.3.org"),
    ("ann@a-b.example", "ann@a-b.example"),
    ("ann@xn--mller-kva.example", "ann@xn--mller-kva.example"),
    ("ann@sub.sub.sub.example.org", "ann@sub.sub.sub.example.org"),
    ("Ann@BÜCHER.Example", "Ann@bücher.example"), ("ann@bu\u{308}cher.de", "ann@bücher.de"),
    ("Ann@XN--BCHER-KVA.example", "Ann@xn--bcher-kva.example"), ("ann@faß.de", "ann@faß.de"),
    ("ann@bücher。example．org", "ann@bücher.example.org"), ("ann@example。org", "ann@example.org"),
    ("ann@xn--bcher-kva.bücher.de", "ann@bücher.bücher.de"),
    ("ann@ex\u{200b}ample.org", "ann@example.org"),
    ("ann@example.museum", "ann@example.museum"),
    ("ann@3com.com", "ann@3com.com"), ("ann@x.y2", "ann@x.y2"),
    ("\(longLocalPart)@example.org", "\(longLocalPart)@example.org"),
    ("ann@\(longLabel).org", "ann@\(longLabel).org"),
    // The maximum of 254 bytes.
    (
      "\(longLocalPart)@\(longLabel).\(longLabel).\(String(repeating: "c", count: 57)).org",
      "\(longLocalPart)@\(longLabel).\(longLabel).\(String(repeating: "c", count: 57)).org"
    ),
  ])
  func `an address is kept as typed except for its domain`(_ text: String, kept: String) throws {
    #expect(try EmailAddress(text).text.utf8.elementsEqual(kept.utf8))
  }

  @Test(arguments: [
    ("", AddressError.Fault.empty), ("ann", .missingAt), ("ann.example.org", .missingAt),
    ("@", .localPartLength), ("@example.org", .localPartLength), ("ann@", .domain),
    ("ann@@example.org", .severalAt), ("ann@bob@example.org", .severalAt),
    ("ann@example.org,bob@example.org", .severalAt),
    ("\"ann@bob\"@example.org", .severalAt), ("Ann <ann@example.org>", .blank),
    ("ann @example.org", .blank), (" ann@example.org", .blank), ("ann@example.org ", .blank),
    ("ann@example.org\n", .controlByte), ("ann\r\n@example.org", .controlByte),
    ("ann\r\nBcc: bob@example.org", .controlByte), ("ann\u{0}@example.org", .controlByte),
    ("ann\t@example.org", .controlByte), ("ann\u{7f}@example.org", .controlByte),
    ("ann@example.org\u{1b}", .controlByte), ("änn@example.org", .notASCII),
    ("ａnn@example.org", .notASCII), ("ann\u{a0}@example.org", .notASCII),
    ("ann\u{200b}@example.org", .notASCII), ("änn＠example.org", .missingAt),
    ("ann@bücher", .domain), ("ann@bücher.123", .domain), ("ann@bü..org", .domain),
    ("ann@b!ch.bücher.org", .domain), ("ann@bücher.example.", .domain),
    ("ann@bücher@example.org", .severalAt), ("ann@bü cher.org", .blank),
    ("ann@my_hüst.example.org", .underscore), ("ann@my＿host.example.org", .underscore),
    ("\(longLocalPart)@\(longUnicode).org", .tooLong),
    (".ann@example.org", .localPart), ("ann.@example.org", .localPart),
    ("ann..bee@example.org", .localPart), ("\"ann\"@example.org", .localPart),
    ("ann(comment)@example.org", .localPart), ("ann\\@example.org", .localPart),
    ("ann,bee@example.org", .localPart), ("ann;bee@example.org", .localPart),
    ("ann:bee@example.org", .localPart), ("<ann@example.org>", .localPart),
    ("ann[bee]@example.org", .localPart), ("group:ann@example.org;", .localPart),
    ("=?utf-8?q?ann?=@example.org", .encodedWord), ("a=?b@example.org", .encodedWord),
    ("\(longLocalPart)a@example.org", .localPartLength),
    ("ann@localhost", .domain), ("ann@example.", .domain), ("ann@.example", .domain),
    ("ann@example..org", .domain), ("ann@-example.org", .domain), ("ann@example-.org", .domain),
    ("ann@exa_mple.org", .underscore), ("ann@exa_mple.123", .domain), ("ann@[192.0.2.1]", .domain),
    ("ann@192.0.2.1", .domain),
    ("ann@example.org.", .domain), ("ann@example.123", .domain), ("ann@exam!ple.org", .domain),
    ("ann@example.org>", .domain), ("ann@\(longLabel)b.org", .domain),
    (
      "\(longLocalPart)@\(longLabel).\(longLabel).\(String(repeating: "c", count: 58)).org",
      .tooLong
    ),
  ])
  func `an invalid address is rejected with the reason`(
    _ text: String, fault: AddressError.Fault
  ) throws {
    let error = try #require(throws: AddressError.self) { try EmailAddress(text) }
    #expect(error.fault == fault)
    #expect(error.text.utf8.elementsEqual(text.utf8))
  }

  @Test(arguments: [
    "xn--a.example", "xn--zzzz---.example", "☃.example", "1א.example", "bü\u{202e}cher.example",
    "a\u{200d}b.example", String(repeating: "ü", count: 64) + ".example",
  ])
  func `a domain that is not international is rejected with the reason`(_ domain: String) throws {
    let error = try #require(throws: AddressError.self) { try EmailAddress("ann@\(domain)") }
    guard case .international(let reason) = error.fault else {
      Issue.record("\(error.fault)")
      return
    }
    #expect(!reason.isEmpty)
  }

  @Test(arguments: [
    ("ann@Bücher.example", "ann@xn--bcher-kva.example"),
    ("ann@XN--bcher-kva.example", "ann@xn--bcher-kva.example"),
    ("Ann@Example.org", "Ann@example.org"),
  ])
  func `mail is sent to the domain in A-labels`(_ text: String, mailbox: String) throws {
    #expect(try EmailAddress(text).mailbox == mailbox)
  }

  @Test(arguments: ["ann@my_host.example.org", "ann@_x.example.org", "ann@my_bücher.example.org"])
  func `an underscore is a matter of the rule`(_ text: String) throws {
    #expect(try EmailAddress(text, rule: .underscores).text == text)
    #expect(try EmailAddress(text, rule: .stored).text == text)
    let error = try #require(throws: AddressError.self) { try EmailAddress(text) }
    #expect(error.fault == .underscore)
  }

  @Test func `a stored A-label need not be valid`() throws {
    #expect(try EmailAddress("ann@xn--a.example", rule: .stored).mailbox == "ann@xn--a.example")
  }

  // MARK: Local parts beyond ASCII

  @Test(arguments: [
    "änn@example.org", "用户@例え.テスト", "δοκιμή@example.org", "o'brién+x@example.org",
    "\u{1f600}@example.org", "नम@example.org", "a.é.b@bücher.example",
  ])
  func `other letters are kept where they are allowed`(_ text: String) throws {
    let address = try EmailAddress(text, allowsUTF8: true)
    #expect(address.text.utf8.elementsEqual(text.utf8))
    #expect(address.needsUTF8)
    #expect(
      AddressSpellings.isSame(
        String(decoding: address.mailbox.utf8.prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self),
        String(decoding: text.utf8.prefix { $0 != UInt8(ascii: "@") }, as: UTF8.self)))
    #expect(throws: AddressError(text: text, fault: .notASCII)) { try EmailAddress(text) }
  }

  @Test func `an address of ASCII needs no UTF-8, whatever its domain`() throws {
    #expect(try !EmailAddress("ann@bücher.example", allowsUTF8: true).needsUTF8)
  }

  @Test(arguments: [
    "\u{a0}", "\u{ad}", "\u{200b}", "\u{200d}", "\u{200e}", "\u{202e}", "\u{2066}", "\u{3000}",
    "\u{3164}", "\u{fe0f}", "\u{feff}", "\u{85}", "\u{2028}", "\u{e000}", "\u{fffe}", "\u{e0041}",
    "\u{34f}", "\u{61c}", "\u{180e}",
  ])
  func `a character that is not visible is refused`(_ character: String) throws {
    let text = "é\(character)@example.org"
    let scalar = try #require(character.unicodeScalars.first)
    for rule in [EmailAddress.DomainRule.hostName, .stored] {
      #expect(throws: AddressError(text: text, fault: .invisible(scalar))) {
        try EmailAddress(text, rule: rule, allowsUTF8: true)
      }
    }
  }

  @Test(arguments: [
    ("e\u{301}@example.org", "\u{e9}"), ("\u{212b}@example.org", "\u{c5}"),
    ("\u{1100}\u{1161}@example.org", "\u{ac00}"),
  ])
  func `a new address is in normal form C, and a stored one as it is`(
    _ text: String, normal: String
  ) throws {
    let error = try #require(throws: AddressError.self) {
      try EmailAddress(text, allowsUTF8: true)
    }
    guard case .notNormal(let words?) = error.fault else {
      Issue.record("\(error)")
      return
    }
    #expect(words.utf8.elementsEqual(normal.utf8))
    let stored = try EmailAddress(text, rule: .stored, allowsUTF8: true)
    #expect(stored.text.utf8.elementsEqual(text.utf8))
  }

  @Test(arguments: ["\u{212a}ate@example.org", "x\u{37e}@example.org", "\u{1fef}@example.org"])
  func `a character that is equivalent to one of ASCII is refused, and not replaced`(
    _ text: String
  ) throws {
    #expect(throws: AddressError(text: text, fault: .notNormal(nil))) {
      try EmailAddress(text, allowsUTF8: true)
    }
  }

  @Test func `lengths are counted in bytes`() throws {
    let local = String(repeating: "é", count: 32)
    _ = try EmailAddress("\(local)@example.org", allowsUTF8: true)
    let long = "\(local)x@example.org"
    #expect(throws: AddressError(text: long, fault: .localPartLength)) {
      try EmailAddress(long, allowsUTF8: true)
    }
  }

  @Test(arguments: ["é..e@example.org", ".é@example.org", "é(e)@example.org", "\"é\"@example.org"])
  func `the form of a local part is that of ASCII`(_ text: String) {
    #expect(throws: AddressError(text: text, fault: .localPart)) {
      try EmailAddress(text, allowsUTF8: true)
    }
  }
}
