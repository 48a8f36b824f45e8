internal import Base

/// Keeps those of many addresses that resemble one best.
final class AddressResemblance {
  /// The most addresses to keep.
  static let most = 5

  private let address: [UInt8]
  private let text: String

  /// The most edits between this address and one that resembles it.
  private let greatestDistance: Int
  private let bytes: UInt64
  private var found: [(distance: Int, similar: SimilarAddress)] = []

  /// Searches for an address; upper and lower case of ASCII are not distinguished.
  init(to email: String) {
    address = email.utf8.map(\.lowercased)
    text = String(decoding: address, as: UTF8.self)
    greatestDistance = max(1, min(3, address.count / 6))
    bytes = Self.set(of: address)
  }

  /// The best addresses, the most similar first.
  var best: [SimilarAddress] { found.map(\.similar) }

  /// The lengths of addresses that can resemble the one searched for.
  var lengths: ClosedRange<Int> {
    max(1, address.count - greatestDistance)...address.count + greatestDistance
  }

  /// Takes an address into account; `holder` is asked only for one that is kept.
  func consider(_ email: String, holder: () -> SimilarAddress.Holder) {
    let limit = found.count < Self.most ? greatestDistance : found[Self.most - 1].distance - 1
    guard let distance = distance(to: email, atMost: limit) else { return }
    if found.contains(where: { Self.areEqual($0.similar.email, email) }) { return }
    let place = found.firstIndex { $0.distance > distance } ?? found.endIndex
    found.insert((distance, SimilarAddress(email: email, holder: holder())), at: place)
    if found.count > Self.most { found.removeLast() }
  }

  /// The edits between the addresses, or `nil` if they are more than `limit`.
  private func distance(to email: String, atMost limit: Int) -> Int? {
    // Each edit changes the set of bytes by at most two, which is found out much sooner.
    let other = Self.set(of: email.utf8)
    guard lengths.contains(email.utf8.count), (bytes ^ other).nonzeroBitCount <= 2 * limit else {
      return nil
    }
    let distance = EditDistance.between(
      text, String(decoding: email.utf8.map(\.lowercased), as: UTF8.self))
    return distance <= limit ? distance : nil
  }

  /// The set of the bytes of an address, as bits that several bytes may share.
  private static func set(of address: some Sequence<UInt8>) -> UInt64 {
    address.reduce(0) { $0 | 1 << UInt64($1.lowercased & 63) }
  }

  private static func areEqual(_ one: String, _ other: String) -> Bool {
    one.utf8.lazy.map(\.lowercased).elementsEqual(other.utf8.lazy.map(\.lowercased))
  }
}
