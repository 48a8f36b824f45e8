/// The sentences of a built-in mail, with placeholders, for its text and its HTML part.
struct BuiltInText {
  let subject: String

  /// The heading of the HTML part.
  let heading: String

  /// What a mail program shows beside the subject in a list of mails.
  let preview: String

  /// The paragraphs before the link.
  let opening: [String]

  /// The label of the button; `nil` in a mail without a link.
  let button: String?

  /// The paragraphs after the link.
  var closing: [String]

  /// Whether the last paragraph names the address for questions itself.
  var namesContact = false
}
