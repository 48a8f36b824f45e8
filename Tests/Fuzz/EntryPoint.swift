internal import Glibc

/// What libFuzzer calls; see <https://llvm.org/docs/LibFuzzer.html#fuzz-target>.
enum EntryPoint {
  /// The target that the environment names. Without one, the targets are listed.
  nonisolated(unsafe) fileprivate static let target: any FuzzTarget = {
    let name = getenv("FUZZ_TARGET").map { String(cString: $0) } ?? ""
    guard let type = FuzzTargets.target(named: name) else {
      for target in FuzzTargets.all { puts(target.name) }
      exit(name.isEmpty ? 0 : 64)
    }
    return type.init()
  }()

  /// The CPU time that no input may take, also under the address sanitizer: input that comes from outside
  /// must not keep regctl busy. Unlike the time on a clock, it does not depend on what else runs.
  fileprivate static let timeLimit = 5.0

  /// The CPU time of the process in seconds.
  fileprivate static var timeTaken: Double { Double(clock()) / Double(CLOCKS_PER_SEC) }
}

@_cdecl("LLVMFuzzerInitialize")
public func prepareFuzzTarget(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>
) -> CInt {
  _ = EntryPoint.target
  return 0
}

@_cdecl("LLVMFuzzerTestOneInput")
public func checkFuzzInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  let begin = EntryPoint.timeTaken
  EntryPoint.target.check(Array(UnsafeBufferPointer(start: bytes, count: count)))
  Property.require(
    EntryPoint.timeTaken - begin < EntryPoint.timeLimit, "no input takes long")
  return 0
}
