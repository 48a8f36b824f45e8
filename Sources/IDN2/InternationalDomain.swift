internal import Base
internal import CIDN2

/// A domain in its two spellings (IDNA2008, RFC 5890), mapped by UTS 46 without transitional
/// processing.
package struct InternationalDomain: Equatable, Sendable {
  /// The domain in A-labels (`xn--bcher-kva.example`), in lower case.
  package let ascii: String

  /// The domain in U-labels (`bücher.example`); it equals `ascii` if there are none.
  package let unicode: String

  /// Longer text than that of any valid domain, whose characters have at most four bytes each.
  private static let maximumByteCount = 1024

  /// Whether a domain may have two spellings: it has a byte beyond ASCII, or a label that begins
  /// with `xn--`. Any other domain needs no library.
  package static func isNeeded(for domain: some Collection<UInt8>) -> Bool {
    // The last bytes of the label so far, in lower case.
    var label: [UInt8] = []
    for byte in domain {
      if byte >= 0x80 { return true }
      if byte == UInt8(ascii: ".") {
        label.removeAll(keepingCapacity: true)
      } else if label.count < 4 {
        label.append(byte.lowercased)
        if label.elementsEqual("xn--".utf8) { return true }
      }
    }
    return false
  }

  /// Converts a domain in either spelling, or in both.
  ///
  /// Labels without a character beyond ASCII are only lower-cased: whether they are those of a host
  /// name, and whether an address may end so, is for the caller to decide.
  package init(_ text: String) throws(IDN2Error) {
    guard text.utf8.count <= Self.maximumByteCount else {
      throw .domain(reason: "domain name longer than 255 characters")
    }
    // C would read a shorter text.
    guard !text.utf8.contains(0) else { throw .domain(reason: "string contains a NUL byte") }
    let library = try unsafe IDN2Library.functions()
    ascii = try unsafe Self.ascii(text, library)
    unicode = try unsafe Self.convert(ascii, library) { input, output in
      unsafe library.pointee.idn2_to_unicode_8z8z(input, output, 0)
    }
    // The library's own round trip lets an A-label with capitals pass that no domain is converted to,
    // such as `xn--SUg`, which would be a space.
    guard try unsafe Self.ascii(unicode, library) == ascii else {
      throw .domain(reason: "an A-label of no domain")
    }
  }

  private static func ascii(
    _ text: String, _ library: UnsafePointer<regctl_libidn2>
  ) throws(IDN2Error) -> String {
    // Without a flag for STD3, an underscore is let through.
    let flags = Int32(bitPattern: IDN2_NONTRANSITIONAL.rawValue)
    return try unsafe convert(text, library) { input, output in
      unsafe library.pointee.idn2_to_ascii_8z(input, output, flags)
    }
  }

  /// Calls a function of libidn2 that allocates the converted text.
  private static func convert(
    _ text: String, _ library: UnsafePointer<regctl_libidn2>,
    _ function: (
      UnsafePointer<CChar>?, UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?
    ) -> Int32
  ) throws(IDN2Error) -> String {
    var output: UnsafeMutablePointer<CChar>?
    let code = unsafe text.withCString { unsafe function($0, &output) }
    guard code == IDN2_OK.rawValue, let converted = unsafe output else {
      let words = unsafe library.pointee.idn2_strerror(code)
      throw unsafe .domain(reason: words.map { unsafe String(cString: $0) } ?? "invalid domain")
    }
    defer { unsafe library.pointee.idn2_free(converted) }
    return unsafe String(cString: converted)
  }
}
