import RegctlCore
import Testing

@testable import regctl

@Suite("WorkProgress") struct WorkProgressTests {
  /// What is on the terminal after each time of a second.
  private func shown(
    quiet: Bool = false, isTerminal: Bool = true, columns: Int = 80,
    _ work: (WorkProgress, (Double) -> Void) -> Void
  ) throws -> [String] {
    let world = try World(hasDatabase: false)
    world.errorIsTerminal = isTerminal
    world.terminalSize = (columns, 24)
    var globals = GlobalOptions()
    globals.quiet = quiet
    let start = ContinuousClock.now
    var now = start
    var context = world.context.obeying(globals)
    context.stopwatch = { now }
    let progress = WorkProgress(of: "import", counting: "account", in: context)
    work(progress) { now = start + .seconds($0) }
    return world.errorOutput.text.split(separator: "\r\u{1B}[K").map(String.init)
  }

  @Test func `done, total, rate and time left are shown`() throws {
    let lines = try shown { progress, pass in
      pass(2)
      progress.show(1000, of: 4000)
      pass(4)
      progress.show(2500, share: 0.5)
    }
    #expect(
      lines == [
        "import: 1000 of 4000 accounts, 25 %, 500/s, 6 seconds left",
        "import: 2500 accounts, 50 %, 625/s, 4 seconds left",
      ])
  }

  @Test func `without a total the time left is not known`() throws {
    let lines = try shown { progress, pass in
      pass(2)
      progress.show(1000)
    }
    #expect(lines == ["import: 1000 accounts, 500/s"])
  }

  @Test func `each step has its own speed, and may count something else`() throws {
    let (copying, comparing) = (
      WorkProgress.Step(name: "copying"), WorkProgress.Step(name: "comparing", noun: "row")
    )
    let lines = try shown { progress, pass in
      progress.show(0, of: 4000, in: copying)
      pass(2)
      progress.show(1000, of: 4000, in: copying)
      pass(8)
      progress.show(0, of: 100, in: comparing)
      pass(10)
      progress.show(50, of: 100, in: comparing)
    }
    #expect(
      lines == [
        "import: copying, 1000 of 4000 accounts, 25 %, 500/s, 6 seconds left",
        "import: comparing, 0 of 100 rows, 0 %, 0/s",
        "import: comparing, 50 of 100 rows, 50 %, 25/s, 2 seconds left",
      ])
  }

  @Test func `of a step that is not counted the time is shown`() throws {
    let checking = WorkProgress.Step(name: "checking")
    let lines = try shown { progress, pass in
      pass(1)
      progress.show(checking)
      pass(1.5)
      progress.show(checking)
      pass(4)
      progress.show(checking)
    }
    #expect(lines == ["import: checking", "import: checking, 3 seconds"])
  }

  @Test func `it is shown after a second, at most ten times a second, and erased`() throws {
    let lines = try shown { progress, pass in
      pass(0.9)
      progress.show(1, of: 9)
      pass(1.01)
      progress.show(2, of: 9)
      pass(1.05)
      progress.show(3, of: 9)
      progress.end()
    }
    #expect(lines.count == 1)
    #expect(lines[0].hasPrefix("import: 2 of 9"))
  }

  @Test(arguments: [(true, true), (false, false)])
  func `with --quiet, and without a terminal, nothing is shown`(
    _ quiet: Bool, isTerminal: Bool
  ) throws {
    let lines = try shown(quiet: quiet, isTerminal: isTerminal) { progress, pass in
      pass(5)
      progress.show(1, of: 9)
      progress.end()
    }
    #expect(lines == [])
  }

  @Test func `the line fits the terminal`() throws {
    let lines = try shown(columns: 30) { progress, pass in
      pass(5)
      progress.show(1000, of: 4000)
    }
    #expect(lines.map(DisplayWidth.of) == [29])
  }
}
