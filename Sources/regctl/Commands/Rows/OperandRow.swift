internal import RegctlCore

/// The result for one operand: a row, and a sentence for the text format.
protocol OperandRow: ResultRow {
  associatedtype Operand

  /// What an operand names, in the singular.
  static var noun: String { get }

  /// The row of an operand that failed.
  static func failed(_ operand: Operand, _ diagnostic: Diagnostic) -> Self

  /// The sentence about a success; `nil` for a failure.
  var sentence: String? { get }
}

extension OperandRow {
  static var noun: String { "account" }
}

extension RowSink {
  /// Processes each operand in its own transaction and prints each result.
  ///
  /// The failure of a single operand is thrown; with several, the others are still processed, and a
  /// terminal that does not show the results shows how many of them there are.
  func forEach<Row: OperandRow>(
    of operands: [Row.Operand], in context: Context, command: String,
    after fields: [ReportField] = [], do act: (Row.Operand) throws(CommandError) -> Row
  ) throws(CommandError) -> Summary {
    func rows() -> RowList<Row> {
      list("results", of: Row.self, after: fields, as: .sentences(\.sentence))
    }
    if let operand = operands.first, operands.count == 1 {
      let row = try act(operand)
      rows().push(row)
      return Summary()
    }
    let count = FailureCount(in: context, keeping: .max)
    let results = rows()
    let progress = WorkProgress(of: command, counting: Row.noun, in: context)
    defer { progress.end() }
    for (index, operand) in operands.enumerated() {
      do throws(CommandError) {
        results.push(try act(operand))
        count.succeed()
      } catch {
        results.push(.failed(operand, count.fail(error)))
      }
      if !context.terminal.outputIsTerminal { progress.show(index + 1, of: operands.count) }
    }
    return count.summary
  }
}

extension String {
  /// The operand, unless it is a token in place of an address, which must not be repeated.
  var unlessSecret: String? { SecretText.isSecret(self) ? nil : self }
}
