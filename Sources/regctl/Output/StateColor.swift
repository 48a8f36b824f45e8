/// The colour of a word for a state; the word says the same without it.
enum StateColor: String {
  case red = "31"
  case green = "32"
  case yellow = "33"

  private static let words: [StateColor: Set<String>] = [
    .red: ["failed", "bounced", "expired", "mail_failed", "mail_bounced", "mail_expired"],
    .yellow: [
      "queued", "sending", "deferred", "delayed", "declined", "kept", "keep", "mail_deferred",
      "mail_interrupted", "mail_delayed", "mail_declined",
    ],
    .green: ["sent", "confirmed", "ok", "pruned", "restored", "mail_sent"],
  ]

  /// The colour of a word; `nil` for one that has none.
  init?(_ word: String) {
    guard let color = Self.words.first(where: { $0.value.contains(word) })?.key else { return nil }
    self = color
  }

  /// Text in the colour, by SGR (ECMA-48, section 8.3.117).
  func paint(_ text: String) -> String { "\u{1B}[\(rawValue)m\(text)\u{1B}[0m" }
}
