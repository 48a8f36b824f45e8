/// The extensions in a server's reply to EHLO (RFC 5321, section 4.1.1.1).
struct Capabilities: Equatable, Sendable {
  private let offers: [(keyword: String, parameters: [String])]

  static let none = Capabilities(offers: [])

  private init(offers: [(keyword: String, parameters: [String])]) { self.offers = offers }

  /// Parses the lines after the greeting line.
  init(_ reply: Reply) {
    offers = reply.lines.dropFirst().map { line in
      // Some old servers write `AUTH=PLAIN`.
      let words = line.utf8.split { $0 == 0x20 || $0 == UInt8(ascii: "=") }
        .map { String(decoding: $0, as: UTF8.self).uppercased() }
      return (words.first ?? "", Array(words.dropFirst()))
    }
  }

  static func == (left: Capabilities, right: Capabilities) -> Bool {
    left.offers.elementsEqual(right.offers) { $0 == $1 }
  }

  private func parameters(of keyword: String) -> [String]? {
    offers.first { $0.keyword == keyword }?.parameters
  }

  /// RFC 2920.
  var hasPipelining: Bool { parameters(of: "PIPELINING") != nil }

  /// RFC 3207.
  var hasStartTLS: Bool { parameters(of: "STARTTLS") != nil }

  /// RFC 6152.
  var has8BitMIME: Bool { parameters(of: "8BITMIME") != nil }

  /// RFC 1870: whether MAIL accepts a SIZE parameter.
  var hasSize: Bool { parameters(of: "SIZE") != nil }

  /// The maximum message size in bytes; `nil` when the server declares none.
  var maximumSize: Int? {
    parameters(of: "SIZE")?.first.flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil }
  }

  /// RFC 4954: the preferred mechanism among those that the server offers.
  var mechanism: AuthenticationMechanism? {
    let offered = offers.filter { $0.keyword == "AUTH" }.flatMap(\.parameters)
    return AuthenticationMechanism.allCases.first { offered.contains($0.rawValue) }
  }
}

/// A SASL mechanism for AUTH, in order of preference.
enum AuthenticationMechanism: String, CaseIterable, Sendable {
  /// RFC 4616.
  case plain = "PLAIN"
  /// draft-murchison-sasl-login: user name and password, one per prompt; the prompts are ignored.
  case login = "LOGIN"
}
