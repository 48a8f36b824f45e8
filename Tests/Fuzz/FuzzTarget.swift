/// Something that reads untrusted bytes, with the properties that it must have for all of them.
protocol FuzzTarget: SendableMetatype {
  /// The name of the target, and of the directory of its corpus.
  static var name: String { get }

  /// Prepares what is needed for every input.
  init()

  /// Takes some bytes, and ends the process when a property does not hold.
  func check(_ input: [UInt8])
}

/// Every target, in the order in which they are run; the control is not one of them.
enum FuzzTargets {
  static let all: [any FuzzTarget.Type] = [
    TokenTarget.self, SignedPayloadTarget.self, AddressTarget.self, MailContentTarget.self,
    SessionTarget.self, ReplyTarget.self, ConfigurationTarget.self, ArgumentsTarget.self,
    TemplateTarget.self, ImportTarget.self, CSVTarget.self, PlanTarget.self, BounceTarget.self,
    JSONTarget.self,
  ]

  /// The target with a name, or the control.
  static func target(named name: String) -> (any FuzzTarget.Type)? {
    name == ControlTarget.name ? ControlTarget.self : all.first { $0.name == name }
  }
}
