/// The environment variables of a process.
///
/// A list, since few variables are read: instantiating the type of a dictionary makes the Swift
/// runtime search all conformances, a tenth of the time of a short command.
package struct Environment: Sendable, ExpressibleByDictionaryLiteral {
  private var variables: [(name: String, value: String)]

  package init(_ variables: [(name: String, value: String)]) { self.variables = variables }

  package init(dictionaryLiteral variables: (String, String)...) {
    self.variables = variables.map { (name: $0.0, value: $0.1) }
  }

  /// The value of a variable, or `nil` when it is not set.
  package subscript(name: String) -> String? {
    get { variables.first { $0.name == name }?.value }
    set {
      variables.removeAll { $0.name == name }
      if let newValue { variables.append((name, newValue)) }
    }
  }

  /// Whether no variable is set.
  package var isEmpty: Bool { variables.isEmpty }

  /// The variables whose names begin with a prefix.
  package func only(prefix: String) -> Environment {
    Environment(variables.filter { $0.name.utf8.starts(with: prefix.utf8) })
  }

  /// The variables whose names do not begin with a prefix.
  package func without(prefix: String) -> Environment {
    Environment(variables.filter { !$0.name.utf8.starts(with: prefix.utf8) })
  }
}
