/// The URL of the web application's confirmation page, with a placeholder for the token.
package struct ConfirmURL: Equatable, Sendable {
  private let beforeToken: String
  private let afterToken: String

  /// Parses `https://app.example/confirm/{token}`: http or https, no spaces, one token.
  package init(_ text: String) throws(ConfigurationError.ValueFault) {
    let bytes = Array(text.utf8)
    guard bytes.allSatisfy({ (0x21...0x7e).contains($0) && !"<>\"\\^`|".utf8.contains($0) }),
      let scheme = ["https://", "http://"].first(where: { bytes.starts(with: $0.utf8) }),
      bytes.count > scheme.utf8.count, bytes[scheme.utf8.count] != UInt8(ascii: "/")
    else { throw .url }
    let mark = Array("{token}".utf8)
    let places = bytes.indices.filter { bytes[$0...].starts(with: mark) }
    guard places.count == 1, let place = places.first else { throw .linkWithoutToken }
    beforeToken = String(decoding: bytes[..<place], as: UTF8.self)
    afterToken = String(decoding: bytes[(place + mark.count)...], as: UTF8.self)
    guard !host.isEmpty else { throw .url }
  }

  /// The link with a token.
  package func link(token: String) -> String { beforeToken + token + afterToken }

  /// The host name, without port and user name.
  package var host: String {
    let bytes = Array(beforeToken.utf8)
    guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")) else { return "" }
    let authority = bytes[(slash + 2)...].prefix { !"/?#".utf8.contains($0) }
    let hostAndPort =
      authority.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
      .last ?? []
    if hostAndPort.first == UInt8(ascii: "["),
      let end = hostAndPort.firstIndex(of: UInt8(ascii: "]"))
    {
      return String(decoding: hostAndPort[...end], as: UTF8.self)
    }
    return String(decoding: hostAndPort.prefix { $0 != UInt8(ascii: ":") }, as: UTF8.self)
  }
}
