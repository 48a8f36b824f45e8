/// A length in a drawing, to a hundredth of a unit.
struct Coordinate: Equatable, Sendable {
  private let hundredths: Int

  init(_ value: Double) { hundredths = Int((value * 100).rounded()) }

  /// The length for an attribute: `12`, `12.5`, `-0.25`.
  var text: String {
    let size = abs(hundredths)
    return "\(hundredths < 0 ? "-" : "")\(size / 100)\(Self.decimals(size % 100))"
  }

  private static func decimals(_ hundredths: Int) -> String {
    if hundredths == 0 { return "" }
    if hundredths % 10 == 0 { return ".\(hundredths / 10)" }
    return hundredths < 10 ? ".0\(hundredths)" : ".\(hundredths)"
  }
}
