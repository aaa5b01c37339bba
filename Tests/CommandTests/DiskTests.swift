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
    #expect(try command.wait(for: command.start(arguments())).code == 0)
    return (try command.bytes("model/model.safetensors"), try Training.history(command, "model"))
  }

  private func train(_ command: Command, _ environment: [String: String]) throws -> Command.Result {
    try command.wait(for: command.start(Self.arguments(), environment: environment))
  }

  /// The lines about faults.
  private func faults(_ result: Command.Result) -> [String] {
    result.errors.split(separator: "\n").map(String.init).filter { $0.hasPrefix("recur: ") }
  }

  private func expectWhole(_ command: Command) throws {
    let (model, history) = try Self.undisturbed.get()
    #expect(try command.bytes("model/model.safetensors") == model)
    #expect(try Training.history(command, "model") == history)
    try expectNothingBeside(command)
  }

  private func expectNothingBeside(_ command: Command) throws {
    let names = FileManager.default.enumerator(atPath: command.path("model"))?.compactMap { $0 as? String } ?? []
    #expect(!names.contains { $0.hasSuffix(".tmp") }, "\(names)")
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
      let command = try Training.command()
      let environment = try FaultySystem.disk(call, "state.safetensors", error, first: first, count: count)
      let result = try train(command, environment)
      #expect(result.code == 0, "\(result.errors)")
      #expect(
        faults(result) == [
          "recur: model/training/state.safetensors: \(what), \(lines[0]); training goes on, and the next save tries again",
          "recur: model: saved again, \(lines[1])",
        ])
      try expectWhole(command)
    }
  }

  @Test func aDiskThatStaysFull() throws {
    let command = try Training.command()
    // The first save writes four files, the second two.
    let result = try train(command, FaultySystem.disk("write", "model/", ENOSPC, first: 6))
    #expect(result.code == 1)
    let place = "recur: model/training/state.safetensors: cannot be written (\(Self.full))"
    #expect(
      faults(result) == [
        "\(place), after step 15; the checkpoint of step 10 is kept in model; training goes on, and the next save tries again",
        "\(place); the checkpoint of step 10 is kept in model; make room on the disk, then go on with "
          + "recur train text --model model --resume",
      ])
    #expect(!result.errors.contains("Done"))
    try expectNothingBeside(command)
    let resumed = try command.run("train", "text", "--model", "model", "--resume")
    #expect(resumed.code == 0, "\(resumed.errors)")
    try expectWhole(command)
  }

  @Test func aDiskThatNeverHadRoom() throws {
    let command = try Training.command()
    let result = try train(command, FaultySystem.disk("write", "model/", ENOSPC))
    #expect(result.code == 1)
    let place = "recur: model/training/state.safetensors: cannot be written (\(Self.full))"
    #expect(
      faults(result) == [
        "\(place), after step 5; nothing is saved yet; training goes on, and the next save tries again",
        "\(place); nothing is saved yet; make room on the disk, then start the run again",
      ])
    #expect(!command.exists("model"), "nothing is half-written")
    #expect(try train(command, [:]).code == 0)
    try expectWhole(command)
  }

  @Test func aHistoryThatHasNoRoomForALine() throws {
    let command = try Training.command()
    let arguments = Training.arguments("model", "--epochs", "3")
    let result = try command.wait(
      for: command.start(arguments, environment: FaultySystem.disk("write", "history", ENOSPC, first: 1, count: 1)))
    #expect(result.code == 0)
    let steps = try #require(Training.history(command, "model").first.map { Training.number($0, "step") })
    #expect(
      faults(result) == [
        "recur: model/training/history.jsonl: cannot be written (\(Self.full)), after step \(steps * 2); the checkpoint of "
          + "step \(steps * 2) is kept in model; training goes on, and the next save tries again",
        "recur: model: saved again, after step \(steps * 3)",
      ])
    #expect(try Training.history(command, "model").count == 3)
  }

  @Test func aLimitOnFiles() throws {
    let command = try Training.command()
    let shell = try command.start(
      Self.arguments(), under: ["/bin/sh", "-c", "ulimit -f 20; exec \"$0\" \"$@\""])
    let result = try command.wait(for: shell)
    #expect(result.code == 1)
    #expect(
      faults(result).last
        == "recur: model/training/state.safetensors: cannot be written (File too large); nothing is saved yet; allow larger "
        + "files there, then start the run again")
    #expect(!command.exists("model"))
  }

  /// A small disk that fills up and is cleared while a run goes on; where nobody may mount one, the tests above stand for it.
  @Test func aSmallDisk() throws {
    let command = try Training.command()
    try command.write(
      """
      set -e
      mkdir disk
      mount -t tmpfs -o size=2m none disk 2>/dev/null || exit 77
      trap 'cd ..; umount disk' EXIT
      cp text.txt disk/ && cd disk
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
      """, to: "script")
    // With older checkpoints, these would give way.
    let arguments = Training.arguments("model", "--epochs", "100000", "--checkpoint-every", "5", "--keep", "1")
    var result: Command.Result?
    for wrapper in [[], ["unshare", "-Urm"]] where result?.code ?? 77 == 77 {
      let process = try command.start(
        arguments, environment: ["RECUR": Command.executable.path],
        under: ["/usr/bin/env"] + wrapper + ["sh", "script"])
      result = try command.wait(for: process)
    }
    guard let result, result.code != 77 else { return }
    #expect(result.code == 0, "\(result.errors)")
    // Stopped on a full disk: the last save fails, too.
    #expect(try command.text("code") == "1\n")
    let log = try command.text("log").split(separator: "\n").filter { $0.hasPrefix("recur: ") }
    #expect(log.count == 4, "\(log)")
    for (line, part) in zip(
      log,
      [
        "cannot be written (\(Self.full)), after step", "recur: model: saved again, after step",
        "cannot be written (\(Self.full)), after step", "make room on the disk, then go on with",
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
    try command.write(
      """
      set -e
      "$@" 2>/dev/null
      mkdir disk
      size=$(stat -c %s model/training/state.safetensors)
      mount -t tmpfs -o size=$((size * 3)) none disk 2>/dev/null || exit 77
      trap 'cd ..; umount disk' EXIT
      cp text.txt disk/ && cd disk
      "$@"
      cmp model/model.safetensors ../model/model.safetensors
      """, to: "script")
    var result: Command.Result?
    for wrapper in [[], ["unshare", "-Urm"]] where result?.code ?? 77 == 77 {
      try? FileManager.default.removeItem(atPath: command.path("model"))
      try? FileManager.default.removeItem(atPath: command.path("disk"))
      result = try command.wait(for: command.start(arguments, under: ["/usr/bin/env"] + wrapper + ["sh", "script"]))
    }
    guard let result, result.code != 77 else { return }
    #expect(result.code == 0, "\(result.errors)")
    let line = "recur: model/training: the disk is full; older checkpoints than the newest are removed to make room"
    #expect(faults(result) == [line])
  }

  @Test func aFolderThatIsRemoved() throws {
    let command = try Training.command()
    let process = try command.start(Training.arguments("model", "--epochs", "100000", "--checkpoint-every", "5"))
    try command.wait { command.exists("model/config.json") }
    try FileManager.default.moveItem(atPath: command.path("model"), toPath: command.path("away"))
    try command.wait { command.exists("model/config.json") }
    process.interrupt()
    let result = try command.wait(for: process)
    #expect(result.code == 130)
    // It may have gone in the middle of a save.
    let notices = faults(result).filter { !$0.contains("training goes on") && !$0.contains("saved again") }
    #expect(notices == ["recur: model: was removed while the run goes on, and is made anew"])
    for model in ["model", "away"] {
      let resumed = try command.run("train", "text", "--model", model, "--resume", "--epochs", "1")
      #expect(resumed.code == 0, "\(resumed.errors)")
    }
  }

  @Test func eventsThatHaveNoRoom() throws {
    let command = try Training.command()
    let nowhere = try FileHandle(forWritingTo: URL(fileURLWithPath: "/dev/full"))
    let result = try command.wait(for: command.start(Self.arguments("--json"), output: nowhere))
    #expect(result.code == 1)
    #expect(
      faults(result) == [
        "recur: standard output: cannot be written (\(Self.full)); training goes on",
        "recur: standard output: cannot be written (\(Self.full))",
      ])
    try expectWhole(command)
  }

  @Test func whereThereAreNoLinksCheckpointsAreCopied() throws {
    let command = try Training.command()
    let result = try train(command, FaultySystem.disk("linkat", "state", EPERM))
    #expect(result.code == 0)
    #expect(faults(result) == [])
    try expectWhole(command)
    let names = try FileManager.default.contentsOfDirectory(atPath: command.path("model/training"))
    #expect(names.count == 3, "\(names)")
  }

  @Test func whereThereAreNoLocksNothingIsLocked() throws {
    let command = try Training.command()
    let result = try train(command, FaultySystem.disk("flock", "training", ENOLCK))
    #expect(result.code == 0)
    #expect(faults(result) == [])
    try expectWhole(command)
  }
}
