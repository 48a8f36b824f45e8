/// The accounts that operands, `--file` and `--stdin` name, in this order.
struct AccountOperands: Sendable {
  static let file = Option(
    "file", ValueUsage("FILE|-", .file), "Also what is in a file, one per line")
  static let stdin = Switch("stdin", "Also what is on standard input, one per line")
  static let declared: [any OptionDeclaration] = [file, stdin]

  private let operands: [String]
  private let path: String?

  /// Throws if there is neither an operand, which the usage calls by a name, nor a file.
  init(_ arguments: ParsedArguments, named name: String) throws(UsageError) {
    try arguments.refuse(Self.file, with: Self.stdin)
    operands = arguments.operands
    path = arguments[Self.stdin] ? "-" : try arguments[Self.file]
    if operands.isEmpty, path == nil { throw arguments.error(.missingOperand(name)) }
  }

  /// All of them. Read before root works as another user, with the permissions of the caller.
  func words(in context: Context) throws(CommandError) -> [String] {
    guard let path else { return operands }
    return operands + (try AddressFile(path: path, context.input).addresses())
  }
}
