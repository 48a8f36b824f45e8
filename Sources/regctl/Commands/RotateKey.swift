internal import Base
internal import RegctlCore

/// The `rotate-key` command.
struct RotateKey: Command {
  private static let dropExpired = Switch(
    "drop-expired", "Only take out keys that no valid link needs")

  static let name = "rotate-key"
  static let usage = CommandUsage(
    name: name, group: .links, summary: "Sign links with a new key",
    description: """
      Adds a random key to the key file, in its last line, and says until when the
      older keys are needed. New links are signed with the new key, and links that
      were signed before stay valid until they expire. Later, --drop-expired takes
      out the keys that no valid link needs, and adds none.

      An application that shares the key must be given the new one:
      regctl-rotate-key(1) says what to do in which order. regctl deliver must not
      be at work meanwhile.
      """,
    options: [dropExpired, StatedReason.option],
    exitCodes: [
      .ok, .usage, .noInput, .inputOutput, .temporary, .noPermission, .configuration,
    ],
    examples: [
      Example("regctl rotate-key", "Sign with a new key from now on"),
      Example("regctl rotate-key --drop-expired", "An hour later, or more"),
    ])

  private let dropsExpired: Bool

  init(_ arguments: ParsedArguments) throws(UsageError) {
    dropsExpired = arguments[Self.dropExpired]
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    let configuration = try context.configuration()
    let rotation = try core(KeyRotation(configuration, uid: context.uid))
    let store = try context.store(configuration, for: .writing)
    let result =
      try dropsExpired
      ? core(rotation.dropExpired(in: store, at: context.now, by: context.actor))
      : core(rotation.add(in: store, at: context.now, by: context.actor))
    var summary = Summary([
      ReportField("result", .text(Self.word(for: result, dropsExpired))),
      ReportField("path", .text(result.path)),
      ReportField("keys", ReportValue(result.keys)),
      ReportField("dropped", ReportValue(result.dropped)),
      ReportField("needed_until", ReportValue(result.neededUntil)),
    ])
    summary.sentences = sentences(on: result)
    if !dropsExpired, result.neededUntil != nil {
      summary.next = "regctl rotate-key --drop-expired"
    }
    return summary
  }

  private static func word(for result: KeyRotation.Result, _ dropsExpired: Bool) -> String {
    if !dropsExpired { return "added" }
    return result.dropped == 0 ? "unchanged" : "dropped"
  }

  private func sentences(on result: KeyRotation.Result) -> [String] {
    let path = TerminalText.escape(result.path)
    var sentences: [String] = []
    if !dropsExpired {
      sentences.append("Added key \(result.keys) to \(path); it signs from now on.")
    } else if result.dropped > 0 {
      sentences.append("Dropped \(Plural.count(result.dropped, "key")) from \(path).")
    } else if result.neededUntil == nil {
      sentences.append("\(path) has only the key that signs.")
    }
    if let end = result.neededUntil {
      let older = Plural.count(result.keys - 1, "older key")
      let verb = result.keys == 2 ? "is" : "are"
      sentences.append("\(older) \(verb) needed until \(end.displayText).")
    }
    return sentences
  }
}
