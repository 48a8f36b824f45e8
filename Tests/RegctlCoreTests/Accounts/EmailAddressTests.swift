import Testing

@testable import RegctlCore

@Suite("EmailAddress") struct EmailAddressTests {
  private static let longLocalPart = String(repeating: "a", count: 64)
  private static let longLabel = String(repeating: "b", count: 63)

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
    ("ann@exämple.org", .notASCII), ("ann@example。org", .notASCII), ("ａnn@example.org", .notASCII),
    ("ann\u{a0}@example.org", .notASCII), ("ann\u{200b}@example.org", .notASCII),
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
    ("ann@exa_mple.org", .domain), ("ann@[192.0.2.1]", .domain), ("ann@192.0.2.1", .domain),
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
}
