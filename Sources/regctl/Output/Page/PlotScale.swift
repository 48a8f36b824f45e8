/// The scale of an axis of numbers, from 0 to a round number.
struct PlotScale: Equatable, Sendable {
  /// The numbers that are marked, from 0 to the end of the axis.
  let ticks: [Int]

  /// What follows each number.
  private let unit: String

  private init(ticks: [Int], unit: String) {
    self.ticks = ticks
    self.unit = unit
  }

  /// Creates the scale with the fewest marks that reaches a number: at most six, at multiples of 1, 2
  /// or 5 times a power of ten.
  init(reaching maximum: Int) {
    var step = 1
    var factors = [2, 5, 10]
    var power = 1
    while step < (maximum - 1) / 5 + 1 {
      step = power * factors.removeFirst()
      if factors.isEmpty {
        factors = [2, 5, 10]
        power *= 10
      }
    }
    let count = max(1, (maximum - 1) / step + 1)
    self.init(ticks: (0...count).map { $0 * step }, unit: "")
  }

  /// Shares, in percent.
  static let percent = PlotScale(ticks: [0, 25, 50, 75, 100], unit: "%")

  /// The number at the end of the axis.
  var end: Int { ticks[ticks.count - 1] }

  /// The label of a mark: `50`, `20k`, `5M`, `75%`.
  func label(_ tick: Int) -> String {
    for (size, letter) in [(1_000_000_000, "G"), (1_000_000, "M"), (1000, "k")]
    where ticks[1] % size == 0 && tick > 0 {
      return "\(tick / size)\(letter)"
    }
    return "\(tick)\(unit)"
  }
}
