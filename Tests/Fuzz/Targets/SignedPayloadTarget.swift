@testable import RegctlCore

/// Payloads and timestamps behind a good signature: inflating, reading and writing them again.
struct SignedPayloadTarget: FuzzTarget {
  static let name = "signed"

  private let site = SignedSite()
  private let compressor = Compressor()

  /// The first bytes say how many are the timestamp and what is done with the rest.
  func check(_ input: [UInt8]) {
    guard input.count >= 2 else { return }
    let timestampCount = Int(input[0] % 12)
    guard input.count >= 2 + timestampCount else { return }
    let timestamp = Array(input[2..<(2 + timestampCount)])
    let rest = Array(input[(2 + timestampCount)...])
    // Bytes that are hardly ever a stream of zlib are also compressed.
    let (payload, isCompressed) =
      switch input[1] % 3 {
      case 0: (rest, false)
      case 1: (rest, true)
      default: (compressor.compress(rest), true)
      }
    requireSigning(
      site.token(payload: payload, isCompressed: isCompressed, timestamp: timestamp))
    requireCompression(rest)
  }

  /// Requires that what a token says can be signed and read again.
  private func requireSigning(_ token: [UInt8]) {
    guard let signed = try? site.signer.verify(token) else { return }
    Property.require(signed.issued >= 0, "no token is older than 1970")
    Property.require(signed.keyPosition == SignedSite.keyCount, "the newest key is the last")
    let again = Array(site.signer.sign(signed.payload, at: signed.issued).utf8)
    guard again.count <= TokenSigner.maximumTokenByteCount else { return }
    guard let back = try? site.signer.verify(again) else {
      return Property.require(false, "what is signed is verified")
    }
    Property.require(back.issued == signed.issued, "a token keeps its time")
    Property.require(
      back.email.utf8.elementsEqual(signed.email.utf8), "a token keeps its address")
    Property.require(
      back.payload.binding.map { Array($0.utf8) } == signed.payload.binding.map { Array($0.utf8) },
      "a token keeps its binding")
  }

  private func requireCompression(_ bytes: [UInt8]) {
    let limit = TokenSigner.maximumPayloadByteCount
    if let inflated = Deflate.decompress(bytes, atMost: limit) {
      Property.require(inflated.count <= limit, "nothing inflates beyond the limit")
    }
    let compressed = compressor.compress(bytes)
    Property.require(
      Deflate.decompress(compressed, atMost: limit) == (bytes.count <= limit ? bytes : nil),
      "what was compressed is found again")
    Property.require(
      Deflate.decompress(compressed.dropLast(), atMost: limit) == nil, "a cut stream is refused")
    if Deflate.surelyDoesNotHelp(bytes) {
      Property.require(compressed.count >= bytes.count - 1, "what would help is compressed")
    }
  }
}
