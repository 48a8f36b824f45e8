/// The result of verifying the whole audit.
package struct AuditProof: Equatable, Sendable {
  package let count: Int

  /// The number of entries whose personal fields were erased.
  package let erased: Int

  /// The hash of the newest entry, which covers all entries; `nil` when there are none.
  package let hash: String?
}
