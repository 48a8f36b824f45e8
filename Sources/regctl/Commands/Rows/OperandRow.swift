internal import RegctlCore

/// What became of one operand: a row for programs, a sentence for people.
protocol OperandRow: ResultRow {
  associatedtype Operand

  /// The row of an operand that failed.
  static func failed(_ operand: Operand, _ diagnostic: Diagnostic) -> Self

  /// What was done; `nil` where it failed.
  var sentence: String? { get }
}

extension RowSink {
  /// Does the same to each operand, in a transaction of its own, and prints each result.
  ///
  /// One operand that fails is thrown; of several the others go on.
  func forEach<Row: OperandRow>(
    of operands: [Row.Operand], in context: Context,
    do act: (Row.Operand) throws(CommandError) -> Row
  ) throws(CommandError) -> Summary {
    func rows() -> RowList<Row> { list("results", of: Row.self, as: .sentences(\.sentence)) }
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
  /// The operand, unless it is a token in the place of an address: that is not handed on.
  var unlessSecret: String? { SecretText.isSecret(self) ? nil : self }
}
