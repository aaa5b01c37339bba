import Foundation
import Recurrent
import Testing

/// Disks that are full or fail, and folders that go away: the run goes on, and the person reads what happened in one line.
struct DiskTests {
  private static let full = "No space left on device"

  /// A checkpoint at the steps 5, 10, 15 … of the only epoch, and at its end.
  private static func arguments(_ more: String...) -> [String] {
    Training.arguments("model", "--epochs", "1", "--checkpoint-every", "5") + more
  }

  private static let undisturbed: Result<(model: Data, history: [String]), any Error> = Result {
    let command = try Training.command()
    #expect(try command.run(arguments()).code == 0)
    return (try command.bytes("model/model.safetensors"), try Training.history(command, "model"))
  }

  private func train(_ command: Command, _ environment: [String: String]) throws -> Command.Result {
    try command.run(Self.arguments(), environment: environment)
  }

  /// Trains where some calls fail: to the end, with these lines about it, and with nothing lost.
  @discardableResult private func expectDone(_ environment: [String: String], saying faults: [String]) throws -> Command
  {
    let command = try Training.command()
    let result = try train(command, environment)
    #expect(result.code == 0, "\(result.errors)")
    #expect(result.faults == faults)
    try expectWhole(command)
    return command
  }

  private func expectWhole(_ command: Command) throws {
    let (model, history) = try Self.undisturbed.get()
    #expect(try command.bytes("model/model.safetensors") == model)
    #expect(try Training.history(command, "model") == history)
    expectNothingBeside(command)
  }

  private func expectNothingBeside(_ command: Command) {
    let leftovers = Training.leftovers(command, "model")
    #expect(leftovers.isEmpty, "\(leftovers)")
  }

  @Test(arguments: [
    ("write", ENOSPC, "cannot be written (No space left on device)"),
    ("write", EDQUOT, "cannot be written (Disk quota exceeded)"),
    ("fsync", EIO, "cannot be synced (Input/output error)"),
    ("open", EROFS, "cannot be written (Read-only file system)"),
    ("rename", EACCES, "cannot be replaced (Permission denied)"),
  ])
  func aDiskThatRefusesForAWhile(call: String, error: Int32, what: String) throws {
    for (first, count, lines) in [
      (0, 1, ["after step 5; nothing is saved yet", "after step 10"]),
      (2, 2, ["after step 15; the checkpoint of step 10 is kept in model", "after step 25"]),
    ] {
      try expectDone(
        FaultySystem.disk(call, "state.safetensors", error, first: first, count: count),
        saying: [
          "recur: model/training/state.safetensors: \(what), \(lines[0]); training continues, and the next save tries again",
          "recur: model: saved again, \(lines[1])",
        ])
    }
  }

  @Test func aDiskThatStaysFull() throws {
    let command = try Training.command()
    // The first save writes four files, the second two.
    let result = try train(command, FaultySystem.disk("write", "model/", ENOSPC, first: 6))
    #expect(result.code == 1)
    let place = "recur: model/training/state.safetensors: cannot be written (\(Self.full))"
    #expect(
      result.faults == [
        "\(place), after step 15; the checkpoint of step 10 is kept in model; training continues, and the next save tries again",
        "\(place); the checkpoint of step 10 is kept in model; free space on the disk, then resume with "
          + "recur train text --model model --resume",
      ])
    #expect(!result.errors.contains("Done"))
    expectNothingBeside(command)
    let resumed = try command.run(Training.resume())
    #expect(resumed.code == 0, "\(resumed.errors)")
    try expectWhole(command)
  }

  @Test func aDiskThatNeverHadRoom() throws {
    let command = try Training.command()
    let result = try train(command, FaultySystem.disk("write", "model/", ENOSPC))
    #expect(result.code == 1)
    let place = "recur: model/training/state.safetensors: cannot be written (\(Self.full))"
    #expect(
      result.faults == [
        "\(place), after step 5; nothing is saved yet; training continues, and the next save tries again",
        "\(place); nothing is saved yet; free space on the disk, then start the run again",
      ])
    #expect(!command.exists("model"), "nothing is half-written")
    #expect(try train(command, [:]).code == 0)
    try expectWhole(command)
  }

  @Test func aHistoryThatHasNoRoomForALine() throws {
    let command = try Training.command()
    let full = try FaultySystem.disk("write", "history", ENOSPC, first: 1, count: 1)
    let result = try command.run(Training.arguments("model", "--epochs", "3"), environment: full)
    #expect(result.code == 0)
    let steps = try #require(Training.history(command, "model").first.map { Training.number($0, "step") })
    #expect(
      result.faults == [
        "recur: model/training/history.jsonl: cannot be written (\(Self.full)), after step \(steps * 2); the checkpoint of "
          + "step \(steps * 2) is kept in model; training continues, and the next save tries again",
        "recur: model: saved again, after step \(steps * 3)",
      ])
    #expect(try Training.history(command, "model").count == 3)
  }

  @Test func aLimitOnFiles() throws {
    let command = try Training.command()
    let result = try command.run(Self.arguments(), under: Command.shell("ulimit -f 20"))
    #expect(result.code == 1)
    #expect(
      result.faults.last
        == "recur: model/training/state.safetensors: cannot be written (File too large); nothing is saved yet; allow larger "
        + "files on that file system, then start the run again")
    #expect(!command.exists("model"))
  }

  /// Runs a script on a small disk on which the text lies; `"$@"` is the run.
  /// - Returns: nil where nobody may mount a disk: the tests above stand for it.
  private func onDisk(
    of bytes: Int, _ command: Command, _ arguments: [String], _ script: String
  ) throws -> Command.Result? {
    try command.write(
      """
      set -e
      mkdir -p disk
      mount -t tmpfs -o size=\(bytes) none disk 2>/dev/null || exit 77
      trap 'cd ..; umount disk' EXIT
      cp text.txt disk/ && cd disk
      \(script)
      """, to: "script")
    for wrapper in [[], ["unshare", "-Urm"]] {
      let result = try command.run(
        arguments, environment: ["RECUR": Command.executable.path],
        under: ["/usr/bin/env"] + wrapper + ["sh", "script"])
      if result.code != 77 { return result }
    }
    return nil
  }

  /// A small disk that fills up and is cleared while a run goes on.
  @Test func aSmallDisk() throws {
    let command = try Training.command()
    // With older checkpoints, these would give way.
    let arguments = Training.endless() + ["--keep", "1"]
    let result = try onDisk(
      of: 2 << 20, command, arguments,
      """
      await() { n=0; until grep -q "$1" ../log; do n=$((n + 1)); [ $n -lt 600 ] || exit 1; sleep 0.05; done; }
      : >../log
      "$@" 2>>../log &
      until [ -e model/config.json ]; do sleep 0.05; done
      head -c 3000000 /dev/zero >rest 2>/dev/null || true
      await 'cannot be written'
      "$RECUR" inspect --model model >/dev/null
      rm rest
      await 'saved again'
      head -c 3000000 /dev/zero >rest 2>/dev/null || true
      n=0; until [ "$(grep -c 'cannot be written' ../log)" = 2 ]; do n=$((n + 1)); [ $n -lt 600 ]; sleep 0.05; done
      kill -INT $!
      code=0; wait $! || code=$?
      echo "$code" >../code
      rm rest
      "$RECUR" train text --model model --resume --epochs 1
      ls model model/training >../names
      """)
    guard let result else { return }
    #expect(result.code == 0, "\(result.errors)")
    // Stopped on a full disk: the last save fails, too.
    #expect(try command.text("code") == "1\n")
    let log = try command.text("log").split(separator: "\n").filter { $0.hasPrefix("recur: ") }
    #expect(log.count == 4, "\(log)")
    for (line, part) in zip(
      log,
      [
        "cannot be written (\(Self.full)), after step", "recur: model: saved again, after step",
        "cannot be written (\(Self.full)), after step", "free space on the disk, then resume with",
      ])
    {
      #expect(line.contains(part), "\(line)")
    }
    #expect(try !command.text("names").contains("tmp"))
  }

  /// A disk with room for two checkpoints and a half, and the weights: the older one gives way to the next.
  @Test func aDiskThatCheckpointsFill() throws {
    let command = try Training.command()
    let arguments = Training.arguments("model", "--hidden", "64", "--epochs", "1", "--checkpoint-every", "5")
    #expect(try command.run(arguments).code == 0)
    let size = try command.bytes("model/training/state.safetensors").count
    let result = try onDisk(
      of: size * 3, command, arguments,
      """
      "$@"
      cmp model/model.safetensors ../model/model.safetensors
      """)
    guard let result else { return }
    #expect(result.code == 0, "\(result.errors)")
    let line = "recur: model/training: the disk is full; older checkpoints are removed to free space"
    #expect(result.faults == [line])
  }

  @Test func aFolderThatIsRemoved() throws {
    let command = try Training.command()
    let process = try Training.startEndless(command)
    try FileManager.default.moveItem(atPath: command.path("model"), toPath: command.path("away"))
    try command.wait { command.exists("model/config.json") }
    process.interrupt()
    let result = try command.wait(for: process)
    #expect(result.code == 130)
    // It may have gone in the middle of a save.
    let notices = result.faults.filter { !$0.contains("training continues") && !$0.contains("saved again") }
    #expect(notices == ["recur: model: was removed during the run and is created again"])
    for model in ["model", "away"] {
      let resumed = try command.run(Training.resume(model, "--epochs", "1"))
      #expect(resumed.code == 0, "\(resumed.errors)")
    }
  }

  @Test func eventsThatHaveNoRoom() throws {
    let command = try Training.command()
    let nowhere = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    let result = try command.run(Self.arguments("--json"), output: nowhere)
    #expect(result.code == 1)
    #expect(
      result.faults == [
        "recur: standard output: cannot be written (\(Self.full)); training continues",
        "recur: standard output: cannot be written (\(Self.full))",
      ])
    try expectWhole(command)
  }

  @Test func whereThereAreNoLinksCheckpointsAreCopied() throws {
    let command = try expectDone(FaultySystem.disk("linkat", "state", EPERM), saying: [])
    let names = try command.names(in: "model/training")
    #expect(names.count == 3, "\(names)")
  }

  @Test func whereThereAreNoLocksNothingIsLocked() throws {
    try expectDone(FaultySystem.disk("flock", "training", ENOLCK), saying: [])
  }
}
