/// A confirmation question about accounts or mails, with as many of their addresses as fit on a line.
struct Question {
  /// The suffix that `Context.confirm` appends.
  private static let answers = " [y/N] "
  private static let width = 80

  /// The question whether to apply a verb to `count` things, some of whose addresses are named.
  static func about(
    _ verb: String, _ count: Int, of noun: String = "account", _ sample: [String]
  ) -> String {
    let beginning = "\(verb) \(count) \(count == 1 ? noun : "\(noun)s")"
    let names = sample.map(TerminalText.escape)
    let fitting = (0...names.count).reversed().lazy
      .map { text(beginning, Array(names.prefix($0)), isWhole: $0 == count) }
      .first { $0.count + answers.count <= width }
    return fitting ?? "\(beginning)?"
  }

  private static func text(_ beginning: String, _ names: [String], isWhole: Bool) -> String {
    if names.isEmpty { return "\(beginning)?" }
    return "\(beginning) (\((names + (isWhole ? [] : ["..."])).joined(separator: ", ")))?"
  }
}
