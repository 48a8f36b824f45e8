/// A shell completion candidate.
package struct Candidate: Equatable, Sendable {
  package let value: String
  package let description: String

  package init(_ value: String, _ description: String = "") {
    self.value = value
    self.description = description
  }
}
