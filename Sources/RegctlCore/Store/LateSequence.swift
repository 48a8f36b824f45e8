/// A sequence on a server that gives numbers which accounts have already, as after accounts came with
/// their numbers from elsewhere: a new account is refused until it has counted past them.
package struct LateSequence: Equatable, Sendable {
  /// The name, in quotes where SQL needs them.
  package let name: String

  /// The greatest number of an account.
  package let greatest: Int64
}
