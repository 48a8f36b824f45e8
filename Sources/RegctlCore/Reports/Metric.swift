/// A metric for a monitoring system, with its label.
package struct Metric: Sendable {
  package let name: String
  package var label: (name: String, value: String)?
  package let value: Int64
}
