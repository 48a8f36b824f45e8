import Foundation

/// How much the tests try that take long: a part, or with `REGCTL_LONG=1` all of it.
package enum TestExtent {
  package static let isFull = ProcessInfo.processInfo.environment["REGCTL_LONG"] == "1"
}
