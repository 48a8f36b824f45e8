internal import RegctlCore

extension PruneOutlook {
  /// What prune would do with an account, for people.
  var message: String {
    switch self {
    case .after(let moment): "after \(moment.displayText)"
    case .nextRun: "by the next run"
    case .kept(let reason): "kept, \(reason.rawValue): \(reason.explanation)"
    }
  }
}

extension PruneCandidate.KeepReason {
  /// What a reason means.
  fileprivate var explanation: String {
    switch self {
    case .locked: "it is locked"
    case .mailPending: "a mail is queued"
    case .noFinalAnswer: "no mail was accepted or rejected, the fault may be ours"
    case .weakCohort: "few accounts of its week were confirmed, mail was probably broken"
    case .recentMail: "a mail was accepted recently"
    case .recentAct: "an operator changed it recently"
    case .unreadableDate: "its date of registration is not valid"
    case .tooYoung: "with the offset of its date it is not old enough"
    case .inUse: "other tables of the application refer to it"
    case .gone: "it was deleted"
    case .otherAddress: "it has another address now"
    case .otherRegistration: "its number belongs to another account now"
    case .confirmed: "it is confirmed"
    case .administrator: "it is an administrator"
    }
  }
}
