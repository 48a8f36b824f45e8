/// What limits the number of mails of a pass, besides time.
struct DeliveryLimits {
  /// How many mails are sent in an hour; `nil` if there is no limit.
  var mailsPerHour: Int?

  /// How many times the usual number of confirmations in an hour is a flood; 0 if none is.
  var floodFactor = 0
}

extension DeliveryLimits {
  init(_ configuration: Configuration) {
    self.init(
      mailsPerHour: configuration.mailMaxPerHour, floodFactor: configuration.floodFactor)
  }
}
