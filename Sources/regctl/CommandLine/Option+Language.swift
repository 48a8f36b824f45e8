internal import RegctlCore

extension Option where Value == MailLanguage {
  /// A language tag.
  static func language(_ long: String, _ summary: String) -> Self {
    Option(long, ValueUsage("LL"), summary) { text throws(UsageError.Expectation) in
      do throws(MailLanguage.Fault) {
        return try MailLanguage(text)
      } catch {
        throw .format("must be a language tag such as de or pt-BR")
      }
    }
  }
}
