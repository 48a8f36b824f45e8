/// How text is adapted to the place where it is printed.
struct TextStyle {
  /// The columns of the terminal; `nil` where nothing is cut.
  var width: Int?

  /// Whether words for states are coloured.
  var usesColor = false

  /// For a pipe or a file.
  static let plain = TextStyle()

  /// Lines that fit; those that continue a line are indented.
  func wrapped(_ lines: [String], indent: (String) -> Int = TextStyle.indent) -> [String] {
    guard let width else { return lines }
    return lines.flatMap { TextWrap.lines($0, width: width, indent: indent($0)) }
  }

  /// Where a line begins behind a label, such as `state   queued`; else two columns.
  private static func indent(_ line: String) -> Int {
    let beginning = line.prefix { $0 == " " }.count
    let label = line.dropFirst(beginning).prefix { $0 != " " }
    let blanks = line.dropFirst(beginning + label.count).prefix { $0 == " " }
    return blanks.count > 1 ? beginning + label.count + blanks.count : beginning + 2
  }
}
