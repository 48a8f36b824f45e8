internal import RegctlCore

/// The result for one operand: a row, and a sentence for the text format.
protocol OperandRow: ResultRow {
  associatedtype Operand

  /// The row of an operand that failed.
  static func failed(_ operand: Operand, _ diagnostic: Diagnostic) -> Self

  /// The sentence about a success; `nil` for a failure.
  var sentence: String? { get }
}

extension RowSink {
  /// Processes each operand in its own transaction and prints each result.
  ///
  /// The failure of a single operand is thrown; with several, the others are still processed.
  func forEach<Row: OperandRow>(
    of operands: [Row.Operand], in context: Context, after fields: [ReportField] = [],
    do act: (Row.Operand) throws(CommandError) -> Row
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
    for operand in operands {
      do throws(CommandError) {
        results.push(try act(operand))
        count.succeed()
      } catch {
        results.push(.failed(operand, count.fail(error)))
      }
    }
    return count.summary
  }
}

extension String {
  /// The operand, unless it is a token in place of an address, which must not be repeated.
  var unlessSecret: String? { SecretText.isSecret(self) ? nil : self }
}
