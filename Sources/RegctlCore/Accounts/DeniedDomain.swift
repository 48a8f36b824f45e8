/// A line of `deny_domains_file` that denies an address.
package struct DeniedDomain: Equatable, Sendable {
  /// The domain of the line, in A-labels and lower case: that of the address, or one above it.
  package let name: String
  package let path: String

  /// The number of the line, from 1.
  package let line: Int
}
