extension TestEngine {
  /// The value for the engine of this run.
  package static func choose<Value>(sqlite: Value, postgresql: Value) -> Value {
    switch current {
    case .sqlite: sqlite
    case .postgresql: postgresql
    }
  }
}
