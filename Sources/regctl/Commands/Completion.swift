/// The `completion` command.
struct Completion: Command {
  static let name = "completion"
  static let usage = CommandUsage(
    name: name, group: .help, summary: "Print the completion script of a shell",
    description: """
      Prints the script with which a shell completes commands, options, addresses,
      mails and prune runs. Packages install it; write it to a file of your own
      where regctl is a single file.
      """,
    operands: [OperandUsage(shells, .choice(Shell.allCases.map(\.rawValue)))],
    exitCodes: [.ok, .usage, .inputOutput],
    examples: [
      Example(
        "regctl completion bash > ~/.regctl.bash", "For bash, with '. ~/.regctl.bash' in ~/.bashrc"),
      Example("regctl completion zsh > ~/.zfunc/_regctl", "For zsh, with ~/.zfunc in fpath"),
      Example("regctl completion fish > ~/.config/fish/completions/regctl.fish", "For fish"),
    ])

  private enum Shell: String, CaseIterable, Sendable {
    case bash, zsh, fish

    /// The script, which is embedded from the directory `completions`.
    var script: [UInt8] {
      switch self {
      case .bash: PackageResources.regctl_bash
      case .zsh: PackageResources._regctl
      case .fish: PackageResources.regctl_fish
      }
    }
  }

  private static var shells: String { Shell.allCases.map(\.rawValue).joined(separator: "|") }

  private let shell: Shell

  init(_ arguments: ParsedArguments) throws(UsageError) {
    shell = try arguments.choice(ofOperand: Self.shells, Shell.self)
  }

  func run(in context: Context, to sink: RowSink) throws(CommandError) -> Summary {
    sink.writeRaw { $0 += shell.script }
    return Summary()
  }
}
