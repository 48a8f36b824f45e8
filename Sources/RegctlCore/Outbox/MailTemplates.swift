internal import Base
internal import System

/// The templates of all kinds of mail: the files of `templates_dir`, and those built in.
package struct MailTemplates {
  /// The templates of a mail in a language.
  struct Pair {
    let text: MailTemplate
    let html: MailTemplate

    /// The template with the subject: the text part, else the HTML part, else what is built in.
    let titled: MailTemplate

    /// The language of durations and dates.
    let language: BuiltInLanguage
  }

  /// What earlier mails needed: the built-in templates, each parsed for the first of them, and the
  /// templates of the latest one, which are mostly those of the next.
  private final class Needed {
    struct Key: Hashable {
      let kind: MailKind
      let language: BuiltInLanguage
      let escaping: MailTemplate.Escaping
    }

    var parsed: [Key: MailTemplate] = [:]
    var latest: (kind: MailKind, language: MailLanguage?, pair: Pair)?
  }

  /// A file of `templates_dir`; without a language it is for all that have no file of their own.
  private struct Key: Hashable {
    let kind: MailKind
    let language: MailLanguage?
    let escaping: MailTemplate.Escaping
  }

  private let defaultLanguage: MailLanguage

  /// Whether built-in mails that confirm an address say that a login may be needed.
  private let needsLogin: Bool
  private var files: [Key: MailTemplate] = [:]
  private let needed = Needed()

  private static let maximumByteCount = 1 << 20

  /// Loads and checks all templates of the configured directory, which must be trusted
  /// (`FileTrust`).
  package init(_ configuration: Configuration, uid: UInt32) throws(RegctlError) {
    defaultLanguage = configuration.mailLanguage
    needsLogin = configuration.confirmNeedsLogin
    guard let directory = configuration.templatesDirectory else { return }
    let trust = FileTrust(uid: uid)
    if try trust.check(directory).status == nil {
      throw .file(FileError(operation: "open", path: directory, code: FileError.missing))
    }
    for name in try fileAccess(FileSystem.names(in: directory)) {
      guard let key = Self.key(ofFile: name), files[key] == nil else { continue }
      files[key] = try Self.template(key, at: "\(directory)/\(name)", trust)
    }
  }

  /// The template that a file name stands for: `confirm.txt`, `confirm.pt-BR.html`.
  private static func key(ofFile name: String) -> Key? {
    let parts = name.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count == 2 || parts.count == 3, let kind = MailKind(rawValue: String(parts[0]))
    else { return nil }
    let escaping: MailTemplate.Escaping
    switch parts.last {
    case "txt": escaping = .none
    case "html": escaping = .html
    default: return nil
    }
    if parts.count == 2 { return Key(kind: kind, language: nil, escaping: escaping) }
    // A file such as confirm.backup.txt is not a template.
    guard let language = try? MailLanguage(parts[1]) else { return nil }
    return Key(kind: kind, language: language, escaping: escaping)
  }

  private static func template(
    _ key: Key, at path: String, _ trust: FileTrust
  ) throws(RegctlError) -> MailTemplate {
    guard let file = try trust.open(path) else {
      throw .file(FileError(operation: "open", path: path, code: FileError.missing))
    }
    let bytes = try fileAccess(file.read(atMost: maximumByteCount))
    guard bytes.count <= maximumByteCount else {
      throw .template(TemplateError(name: path, line: nil, fault: .tooLarge))
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw .template(TemplateError(name: path, line: nil, fault: .notUTF8))
    }
    do throws(TemplateError) {
      return try MailTemplate(text, name: path, kind: key.kind, escaping: key.escaping)
    } catch {
      throw .template(error)
    }
  }

  /// The templates of a kind of mail in a language, or in the default language without one.
  ///
  /// Both parts are in the same language if possible. A file for the language, or for one that it is
  /// a variety of, comes first, then a file without a language, then what is built in: an operator
  /// who replaced a mail does not want it replaced again by ours.
  func pair(_ kind: MailKind, in language: MailLanguage?) -> Pair {
    if let latest = needed.latest, latest.kind == kind, latest.language == language {
      return latest.pair
    }
    let pair = findPair(kind, in: language)
    needed.latest = (kind, language, pair)
    return pair
  }

  private func findPair(_ kind: MailKind, in language: MailLanguage?) -> Pair {
    let wanted = language ?? defaultLanguage
    if let own = wanted.chain.first(where: { hasFile(kind, $0) }) {
      return pair(kind, own, else: BuiltInLanguage(own))
    }
    if hasFile(kind, nil) { return pair(kind, nil, else: nil) }
    return pair(kind, nil, else: BuiltInLanguage(wanted))
  }

  private func hasFile(_ kind: MailKind, _ language: MailLanguage?) -> Bool {
    [.none, .html].contains {
      files[Key(kind: kind, language: language, escaping: $0)] != nil
    }
  }

  /// The files of a language, and what is built in for a part that has none.
  private func pair(
    _ kind: MailKind, _ language: MailLanguage?, else builtIn: BuiltInLanguage?
  ) -> Pair {
    let fallback = builtIn ?? BuiltInLanguage(defaultLanguage) ?? .english
    func part(_ escaping: MailTemplate.Escaping) -> MailTemplate {
      if let file = files[Key(kind: kind, language: language, escaping: escaping)] { return file }
      if builtIn == nil, let file = files[Key(kind: kind, language: nil, escaping: escaping)] {
        return file
      }
      return self.builtIn(kind, in: fallback, escaping)
    }
    let (text, html) = (part(.none), part(.html))
    let titled =
      text.hasSubject ? text : html.hasSubject ? html : self.builtIn(kind, in: fallback, .none)
    return Pair(text: text, html: html, titled: titled, language: fallback)
  }

  private func builtIn(
    _ kind: MailKind, in language: BuiltInLanguage, _ escaping: MailTemplate.Escaping
  ) -> MailTemplate {
    let key = Needed.Key(kind: kind, language: language, escaping: escaping)
    if let parsed = needed.parsed[key] { return parsed }
    let template = parseBuiltIn(kind, in: language, escaping)
    needed.parsed[key] = template
    return template
  }

  private func parseBuiltIn(
    _ kind: MailKind, in language: BuiltInLanguage, _ escaping: MailTemplate.Escaping
  ) -> MailTemplate {
    let isText = escaping == .none
    do throws(TemplateError) {
      return try MailTemplate(
        isText
          ? BuiltInTemplates.text(kind, in: language, needsLogin: needsLogin)
          : BuiltInTemplates.html(kind, in: language, needsLogin: needsLogin),
        name: "built-in \(kind.rawValue)", kind: kind, escaping: escaping, isWrapped: isText)
    } catch {
      preconditionFailure("the built-in templates are valid: \(error)")
    }
  }
}
