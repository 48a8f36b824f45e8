internal import RegctlCore

extension User {
  /// The user as sudo takes them in `-u`, quoted for the shell where they have no name.
  var sudoText: String { name.map(TerminalText.escape) ?? "'#\(uid)'" }
}
