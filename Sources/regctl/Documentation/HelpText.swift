internal import RegctlCore

/// Help for a terminal of 80 columns, made from the table of commands.
struct HelpText {
  /// Whether headings are bold.
  let isBold: Bool

  // MARK: All commands

  func overview() -> String {
    var text = """
      Administer the accounts of a web application whose users confirm their address.

      \(heading("USAGE"))
        regctl [global options] <command> [options] [operands]


      """
    let usages = CommandTable.all.map { $0.usage }
    for group in CommandUsage.Group.allCases {
      text += heading(group.rawValue) + "\n"
      let entries = usages.filter { $0.group == group }.map { ($0.name, $0.summary) }
      text += list(entries, termWidth: 16) + "\n"
    }
    text += heading("HELP TOPICS") + "\n"
    text += list(HelpTopic.allCases.map { ($0.rawValue, $0.summary) }, termWidth: 16) + "\n"
    text += heading("GLOBAL OPTIONS") + "\n" + options(GlobalOptions.usages) + "\n"
    return text
      + "'regctl help COMMAND' explains a command; 'regctl tour' shows them all at work.\n"
  }

  /// The short help that `regctl` prints without arguments: the commands in their groups, on less than
  /// a screen.
  func brief() -> String {
    let usages = CommandTable.all.map { $0.usage }
    let groups = CommandUsage.Group.allCases.map { group in
      let names = usages.filter { $0.group == group }.map(\.name)
      return (term: group.rawValue, meaning: names.joined(separator: ", "))
    }
    return "usage: regctl [global options] <command> [options] [operands]\ncommands:\n"
      + list(groups, termWidth: 8)
      + "see 'regctl help', or 'regctl tour' for a demonstration\n"
  }

  // MARK: One command

  func command(_ usage: CommandUsage) -> String {
    var text = "\(usage.summary).\n\n\(heading("USAGE"))\n"
    for form in Self.synopses(of: usage) { text += "  \(form)\n" }
    text += "\n\(heading("DESCRIPTION"))\n"
    text += usage.description.split(separator: "\n", omittingEmptySubsequences: false)
      .map { $0.isEmpty ? "\n" : "  \($0)\n" }.joined()
    if !usage.options.isEmpty {
      text += "\n\(heading("OPTIONS"))\n" + options(usage.options)
    }
    text += "\n\(heading("GLOBAL OPTIONS"))\n"
    text += Self.wrapped(
      GlobalOptions.usages.map { option in
        option.short.map { "-\($0)/\(option.flag)" } ?? option.flag
      }.joined(separator: ", ") + ": see 'regctl help'.", indent: 2)
    text += "\n\(heading("EXAMPLES"))\n"
    for example in usage.examples {
      let end = example.meaning.hasSuffix("?") ? "" : ":"
      text += "  \(example.meaning)\(end)\n    $ \(example.line)\n"
    }
    text += "\n\(heading("EXIT STATUS"))\n"
    text += Self.wrapped(
      usage.exitCodes.map { "\($0.rawValue) \($0.name)" }.joined(separator: ", ")
        + ". See 'regctl help exit-codes'.", indent: 2)
    return text
  }

  /// The synopses of a command.
  static func synopses(of usage: CommandUsage) -> [String] {
    let forms =
      usage.forms.isEmpty
      ? [
        (usage.operands.map(\.synopsis) + (usage.options.isEmpty ? [] : ["[options]"]))
          .joined(separator: " ")
      ] : usage.forms
    return forms.map { "regctl \(usage.name)\($0.isEmpty ? "" : " \($0)")" }
  }

  private func options(_ options: [OptionUsage]) -> String {
    let terms = options.map { option in
      let short = option.short.map { "-\($0), " } ?? "    "
      return (short + option.flag + (option.value.map { " \($0.name)" } ?? ""), option.summary)
    }
    return list(terms, termWidth: 28)
  }

  // MARK: Topics

  func topic(_ topic: HelpTopic) -> String {
    switch topic {
    case .environment: environment()
    case .exitCodes: exitCodes()
    case .formats: formats()
    }
  }

  private func environment() -> String {
    let settings = Setting.all.map { setting in
      (
        setting.variable,
        "\(setting.meaning) (default: \(setting.defaultText ?? setting.defaultMeaning ?? "none"))"
      )
    }
    return """
      An option beats a variable, a variable beats a systemd credential, that beats
      regctl.conf, and that the default. Secrets are never read from variables, only
      from files that variables name.

      \(heading("GENERAL"))
      \(list([
        ("REGCTL_CONFIG", "Configuration file; none for no file"),
        ("REGCTL_FORMAT", "text, json, jsonl, tsv or csv"),
        ("REGCTL_NO_INPUT", "If 1, never ask"),
        ("NO_COLOR", "If set and not empty, no colour"),
        ("CLICOLOR_FORCE", "If set and not 0, colour even in a pipe"),
        ("TERM", "dumb means no colour and no pager"),
        ("COLUMNS", "Width of the terminal, if not what it says itself"),
        ("LINES", "Height of the terminal, if not what it says itself"),
        ("PAGER", "Shows long output on a terminal; empty or cat for none"),
        ("SUDO_USER", "The user that the audit names, set by sudo"),
        ("STATE_DIRECTORY", "Directory of the database, set by systemd"),
        ("JOURNAL_STREAM", "Set by systemd: error lines begin with their priority"),
        ("TZ", "Time zone of dates in options (without it UTC) and of --local"),
        ("TMPDIR", "Where regctl tour creates its directory"),
        ("CREDENTIALS_DIRECTORY", "Credentials named like the settings that end in _file"),
        ("XDG_CONFIG_HOME", "Directory of regctl/regctl.conf (not for root)"),
        ("XDG_DATA_HOME", "Directory of regctl/regctl.db (not for root)"),
      ], termWidth: 31))
      \(heading("SETTINGS, ALSO KEYS OF REGCTL.CONF IN LOWER CASE WITHOUT REGCTL_"))
      \(list(settings, termWidth: 31))
      """
  }

  private func exitCodes() -> String {
    let codes = ExitCode.allCases.map { ("\($0.rawValue)  \($0.name)", $0.meaning) }
    let names = ErrorCode.allCases.map(\.rawValue).joined(separator: ", ")
    return """
      \(heading("EXIT CODES"))
      \(list(codes, termWidth: 18))
      A process that a signal ends dies of it, which a shell shows as 128 + n.

      \(heading("ERROR CODES"))
      With --format json or jsonl, an error is one line of JSON on standard error:
      {"schema":1,"error":{"code":...,"message":...,"hint":...,"exit":...}}
      The codes are:
      \(Self.wrapped(names, indent: 2))
      """
  }

  private func formats() -> String {
    """
    Results go to standard output, everything else to standard error. No result
    means no output and exit 0.

    \(heading("FORMATS"))
    \(list([
      ("text", "For people: aligned columns, times in UTC unless --local is given, ages in their greatest unit."),
      ("tsv", "For cut and awk: a header unless --no-header, times in RFC 3339, seconds for ages; tab, newline and backslash as \\t \\n \\\\."),
      ("csv", "For spreadsheets (RFC 4180): as tsv; text that looks like a formula begins with an apostrophe, unless --raw."),
      ("jsonl", "One JSON object a line."),
      ("json", "One JSON object with \"schema\":1; keys in fixed order, null written out, new keys may come."),
    ], termWidth: 6))
    --fields NAME,NAME chooses columns of lists, except in json.
    Control and invisible characters are escaped in text and JSON, and in tsv and
    csv on a terminal; a program reads the characters themselves.\n
    """
  }

  // MARK: Layout

  private func heading(_ text: String) -> String { isBold ? "\u{1b}[1m\(text)\u{1b}[0m" : text }

  /// Terms with their explanations beside them, or on the next line after a long term.
  private func list(_ entries: [(term: String, meaning: String)], termWidth: Int) -> String {
    entries.map { term, meaning in
      let lines = Self.wrappedLines(meaning, width: 80 - termWidth - 4)
      let indent = String(repeating: " ", count: termWidth + 4)
      let padded =
        term.count <= termWidth
        ? "  \(term)" + String(repeating: " ", count: termWidth - term.count + 2)
        : "  \(term)\n\(indent)"
      return padded + lines.joined(separator: "\n\(indent)") + "\n"
    }.joined()
  }

  private static func wrapped(_ text: String, indent: Int) -> String {
    wrappedLines(text, width: 80 - indent)
      .map { String(repeating: " ", count: indent) + $0 + "\n" }.joined()
  }

  private static func wrappedLines(_ text: String, width: Int) -> [String] {
    var lines: [String] = [""]
    for word in text.split(separator: " ") {
      let line = lines[lines.count - 1]
      if line.isEmpty {
        lines[lines.count - 1] = String(word)
      } else if line.count + 1 + word.count <= width {
        lines[lines.count - 1] = "\(line) \(word)"
      } else {
        lines.append(String(word))
      }
    }
    return lines
  }
}
