internal import RegctlCore

/// The axis of the periods of a plot, with a place for those in which nothing happened.
struct PlotPeriods: Equatable, Sendable {
  /// The periods of a plot at most: ten years of weeks.
  static let limit = 520

  let all: [ReportPeriod]

  /// Whether there are earlier ones, for which there is no room.
  let isCut: Bool

  /// Creates the axis from the first to the last of some periods, which ascend; `nil` for none.
  init?(reaching periods: [ReportPeriod]) {
    guard let first = periods.first, let last = periods.last else { return nil }
    let count = first.distance(to: last) + 1
    let shown = min(count, Self.limit)
    all = (0..<shown).map { last.advanced(by: $0 + 1 - shown) }
    isCut = shown < count
  }

  /// The rows of the periods; `nil` for one that has none.
  func rows<Row>(from rows: [Row], period: (Row) -> ReportPeriod) -> [Row?] {
    var found = [Row?](repeating: nil, count: all.count)
    for row in rows {
      let index = all[0].distance(to: period(row))
      if found.indices.contains(index) { found[index] = row }
    }
    return found
  }

  // MARK: Words

  /// `2026-W47 to 2026-W48`.
  var range: String {
    all.count == 1 ? all[0].name : "\(all[0].name) to \(all[all.count - 1].name)"
  }

  /// What to say of periods for which there is no room.
  var notes: [String] {
    if !isCut { return [] }
    return ["The plot begins in \(all[0].name); the numbers are of all \(all[0].length.rawValue)s."]
  }

  // MARK: Labels

  /// A label below the axis.
  struct Label: Equatable {
    let text: String

    /// Where its middle is.
    let center: Double
  }

  /// The width of the name of a period, `2026-W48`, in the widest of usual fonts, and a gap.
  static let labelWidth = 64.0

  /// As many labels as fit below an axis of some width, which may reach into a margin at its right.
  ///
  /// Each is below the middle of its period: the newest one and others at equal distances, or where
  /// there are several years the first of each.
  func labels(width: Double, margin: Double) -> [Label] {
    let slot = width / Double(all.count)
    let most = width + margin - Self.labelWidth / 2
    // The newest label may be as much too far to the right.
    let distance = Self.labelWidth + max(0, width - slot / 2 - most)
    let strides = all[0].length == .week ? [1, 2, 4, 13, 26] : [1, 2, 3, 6]
    guard let stride = strides.first(where: { Double($0) * slot >= distance }) else {
      return years(slot: slot)
    }
    return all.indices.filter { (all.count - 1 - $0) % stride == 0 }.map { index in
      Label(text: all[index].name, center: min((Double(index) + 0.5) * slot, most))
    }
  }

  /// The years whose first period is on the axis, as many as have room.
  private func years(slot: Double) -> [Label] {
    let firsts = all.indices.filter { all[$0].isFirstOfYear }
    let perYear = all[0].length == .week ? 52.0 : 12.0
    let stride = max(1, Int((Self.labelWidth / 2 / (perYear * slot)).rounded(.up)))
    return firsts.enumerated().filter { ($0.offset - firsts.count + 1) % stride == 0 }.map {
      Label(text: all[$0.element].year, center: (Double($0.element) + 0.5) * slot)
    }
  }
}

extension ReportPeriod.Length {
  /// The heading of a column of periods.
  var heading: String {
    switch self {
    case .week: "Week"
    case .month: "Month"
    }
  }
}
