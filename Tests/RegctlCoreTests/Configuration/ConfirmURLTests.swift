import Testing

@testable import RegctlCore

@Suite("ConfirmURL") struct ConfirmURLTests {
  @Test(arguments: [
    ("https://app.example/confirm/{token}", "https://app.example/confirm/T", "app.example"),
    ("http://localhost:5000/confirm/{token}", "http://localhost:5000/confirm/T", "localhost"),
    ("https://app.example/?t={token}&x=1", "https://app.example/?t=T&x=1", "app.example"),
    ("https://app.example/#/{token}/", "https://app.example/#/T/", "app.example"),
    (
      "https://user:word@app.example:8443/{token}", "https://user:word@app.example:8443/T",
      "app.example"
    ),
    ("https://app.example?{token}", "https://app.example?T", "app.example"),
    ("http://[::1]:5000/confirm/{token}", "http://[::1]:5000/confirm/T", "[::1]"),
  ])
  func `a link has a host and one place for the token`(
    _ text: String, link: String, host: String
  ) throws {
    let url = try ConfirmURL(text)
    #expect(url.link(token: "T") == link)
    #expect(url.host == host)
  }

  @Test(arguments: [
    "", "app.example/{token}", "ftp://app.example/{token}", "https:///{token}", "https://",
    "HTTPS://app.example/{token}", "https://app.example/ {token}", "https://app.example/{token}\n",
    "https://app.example/{token}\">", "javascript:alert({token})", "https://exämple/{token}",
    "https://app.example/<{token}>", "https://{token}", "https://:80/{token}", "https://u@/{token}",
    "https://app.example\\{token}",
  ])
  func `an invalid link is rejected`(_ text: String) {
    #expect(throws: ConfigurationError.ValueFault.url) { try ConfirmURL(text) }
  }

  @Test(arguments: [
    "https://app.example/", "https://app.example/{Token}", "https://app.example/{token",
    "https://app.example/{token}/{token}",
  ])
  func `a link without one place for the token is refused`(_ text: String) {
    #expect(throws: ConfigurationError.ValueFault.linkWithoutToken) { try ConfirmURL(text) }
  }
}
