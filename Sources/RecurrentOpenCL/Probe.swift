import COpenCL
import Kernels
import RecurrentCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A capability that is tested, since the claims of drivers are unreliable in both directions.
struct Probe: Sendable {
  /// The name in `recur devices`.
  let name: String
  /// The part of `probe.cl`.
  private let macro: String
  /// Work-items of a work-group.
  private(set) var items = 1
  /// Work-groups.
  private(set) var groups = 1
  /// The first elements of the memory, and its size.
  private(set) var operands: [Int32] = [2048, 1, 3]
  private(set) var count = 1024
  /// Whether the results of the work-items are the sizes of their subgroups.
  private var givesSizes = false
  /// The languages to try in order, with macros.
  private var languages = ["CL1.2", "CL3.0", "CL2.0"]
  /// The extension or query by which a driver claims it; nil if it is required.
  private var claim: (@Sendable (OpenCLDevice) -> Bool)?
  /// Checks the results of the work-items.
  let isRight: @Sendable ([Int32]) -> Bool
  /// The reason for wrong results.
  private(set) var fault: @Sendable ([Int32]) -> String = { _ in "wrong results" }

  /// The result of a probe.
  enum Finding {
    case works(language: String, detail: String)
    case fails(String)
    /// A kernel did not end: the device is blocked.
    case hangs
  }

  /// Loops with as many iterations as a whole sequence.
  static let longLoops = Probe(name: "long loops", macro: "PROBE_LOOPS") {
    let mixed = (0..<2048 << 7).reduce(1 as UInt32) { mixed, _ in mixed &* 1_664_525 &+ 1_013_904_223 }
    return $0[0] == Int32(bitPattern: mixed)
  }

  /// A barrier across all work-groups, which exchange their writes in `rounds` rounds; see `barrier.cl` and `probe.cl`.
  /// Without `exchanges`, the barriers alone.
  /// - Parameter wanted: The groups for which each waits; fewer than there are for a test of the test.
  static func gridBarrier(
    _ device: OpenCLDevice, groups: Int, rounds: Int, exchanges: Bool = true, wanted: Int? = nil
  ) -> Probe {
    // All waves of a large work-group; on a processor an item is a turn of a loop.
    let items = device.isCPU ? 16 : min(256, device.maximumGroup)
    // First: this driver may also compile the others, whose fences are a work-group's there.
    let nvidia = device.platformName.contains("NVIDIA") ? [("CL1.2", 3), ("CL1.2", 4)] : []
    return Probe(
      name: "barrier across work-groups", macro: "PROBE_GRID_BARRIER", items: items, groups: groups,
      operands: [Int32(rounds), exchanges ? 8 : 0, Int32(wanted ?? groups)], count: barrierState + 8 * items * groups,
      // On a GPU OpenCL 1.2's barrier of a work-group may leave stores of its waves under way, and rarely enough to pass.
      languages: (nvidia + [("CL3.0", 1), ("CL2.0", 1), ("CL3.0", 2)] + (device.isCPU ? [("CL1.2", 5)] : [])).map {
        "\($0) -DGRID_BARRIER=\($1)"
      },
      claim: claimsFence,
      isRight: { $0[8] == groups && $0[9] == 0 },
      fault: {
        $0[8] < groups
          ? "they do not run concurrently" : "\($0[9]) stale values in \(rounds) rounds of \(groups) groups"
      })
  }

  /// The elements before the exchanged values.
  static let barrierState = 128

  private static let claimsFence: @Sendable (OpenCLDevice) -> Bool = {
    let scopes: cl_bitfield = $0.number(CL_DEVICE_ATOMIC_FENCE_CAPABILITIES)
    return scopes & cl_bitfield(CL_DEVICE_ATOMIC_SCOPE_DEVICE) != 0
  }

  static func all(_ device: OpenCLDevice) -> [Probe] {
    usual + [gridBarrier(device, groups: min(2, device.units), rounds: 64)]
  }

  private static let usual = [
    longLoops,
    Probe(name: "half precision", macro: "PROBE_HALF", claim: { $0.extensions.contains("cl_khr_fp16") }) {
      $0.starts(with: [2048, 15])
    },
    Probe(name: "half storage", macro: "PROBE_HALF_STORAGE") { $0.starts(with: [2048, 3]) },
    Probe(name: "double precision", macro: "PROBE_DOUBLE", claim: { $0.extensions.contains("cl_khr_fp64") }) {
      $0.starts(with: [1, 1025])
    },
    Probe(
      name: "device-scope fence", macro: "PROBE_FENCE", languages: ["CL3.0", "CL2.0"], claim: claimsFence
    ) { $0.starts(with: [7, 2051]) },
    Probe(
      name: "subgroups", macro: "PROBE_SUBGROUPS", items: groupSize, givesSizes: true,
      languages: ["CL3.0", "CL2.0", "CL1.2"],
      claim: { ($0.number(CL_DEVICE_MAX_NUM_SUB_GROUPS) as cl_uint) > 0 || $0.extensions.contains("cl_khr_subgroups") }
    ) { $0.allSatisfy { $0 > 0 } },
  ]

  private static let groupSize = 64

  /// The claim of a driver.
  func claimText(_ device: OpenCLDevice) -> String {
    claim.map { $0(device) ? "claimed" : "not claimed" } ?? "required"
  }

  /// The claim and the result, as text: `claimed; probed yes`.
  func report(on context: Context) -> (text: String, hangs: Bool) {
    let claimed = claimText(context.device)
    switch run(on: context) {
    case .works(_, let detail): return ("\(claimed); probed yes\(detail)", false)
    case .fails(let reason): return ("\(claimed); probed no (\(reason))", false)
    case .hangs: return ("\(claimed); probed no (the kernel does not end; further probes are skipped)", true)
    }
  }

  /// The first language in which it works, with its macros, by a program from the cache; nil if there is none, or if the
  /// kernel of a probe does not end. Waits for the queue first, which would otherwise count as the probe's time.
  func language(on context: Context, _ cache: ProgramCache?, in memory: OpenCLBuffer? = nil) -> String? {
    guard context.endlessProbe == nil else { return nil }
    _ = context.cl.clFinish(context.queue)
    switch run(on: context, cache, memory) {
    case .works(let language, _): return language
    case .fails: return nil
    case .hangs:
      context.endlessProbe = name
      return nil
    }
  }

  private func run(on context: Context, _ cache: ProgramCache? = nil, _ memory: OpenCLBuffer? = nil) -> Finding {
    var reasons: [String] = []
    for language in languages {
      switch values(context, options(language, context.device), cache, memory) {
      case .success(let values) where isRight(values):
        let detail = givesSizes ? ", of \(sizes(values, context, language))" : ""
        return .works(language: language, detail: detail)
      case .success(let values): reasons.append(fault(values))
      case .failure(let failure) where failure.isHang: return .hangs
      case .failure(let failure): reasons.append(failure.reason)
      }
    }
    return .fails(reasons.first ?? "")
  }

  /// The sizes of subgroups: that of the driver's choice, and those on request.
  private func sizes(_ chosen: [Int32], _ context: Context, _ language: String) -> String {
    let asked = context.device.extensions.contains("cl_intel_required_subgroup_size") ? [4, 8, 16, 32, 64] : []
    let had = asked.filter { size in
      guard case .success(let values) = values(context, options("\(language) -DSIZE=\(size)", context.device)) else {
        return false
      }
      return values.allSatisfy { $0 == size }
    }
    let choice = Set(chosen).sorted().map(String.init).joined(separator: " and ")
    return choice + (had.isEmpty ? "" : ", on request " + had.map(String.init).joined(separator: ", "))
  }

  /// The build options in a language.
  func options(_ language: String, _ device: OpenCLDevice) -> String {
    "-cl-std=\(language) -D\(macro) -DSPINS=\(GridBarrier.spins(device))"
  }

  private struct Failure: Error {
    let reason: String
    var isHang = false
  }

  /// The results of the work-items of a group, or of the groups.
  private func values(_ context: Context, _ options: String, _ cache: ProgramCache? = nil, _ given: OpenCLBuffer? = nil)
    -> Result<[Int32], Failure>
  {
    do {
      let program = try Program.build("probe", kernelText("probe"), options: options, context: context, cache: cache)
      let kernel = try Kernel("probe", of: program)
      guard kernel.maximumGroup >= items else { return .failure(Failure(reason: "its work-groups are too small")) }
      let memory = try given ?? OpenCLBuffer(context, count: count)
      var values = [Int32](repeating: 0, count: memory.count)
      values.replaceSubrange(0..<operands.count, with: operands)
      try context.transfer("clEnqueueWriteBuffer") {
        $0.clEnqueueWriteBuffer(
          context.queue, memory.memory, cl_bool(CL_TRUE), 0, values.count * 4, values, 0, nil, nil)
      }
      var argument: cl_mem? = memory.memory
      try context.check(
        context.cl.clSetKernelArg(kernel.kernel, 0, MemoryLayout<cl_mem?>.size, &argument), "clSetKernelArg")
      guard try ends(kernel, context) else {
        // Released, the context would wait for the kernel.
        _ = Unmanaged.passRetained(memory)
        return .failure(Failure(reason: "", isHang: true))
      }
      try context.transfer("clEnqueueReadBuffer") {
        $0.clEnqueueReadBuffer(
          context.queue, memory.memory, cl_bool(CL_TRUE), 0, values.count * 4, &values, 0, nil, nil)
      }
      program.keep()
      return .success(Array(values.prefix(Self.groupSize)))
    } catch let error as OpenCLError {
      return .failure(
        Failure(reason: error.call == "clBuildProgram" ? "does not compile" : "\(error.call): \(error.statusName)"))
    } catch {
      return .failure(Failure(reason: "\(error)"))
    }
  }

  /// Launches a kernel and waits at most five seconds for it.
  private func ends(_ kernel: Kernel, _ context: Context) throws -> Bool {
    var event: cl_event?
    let (size, group) = ([items * groups], [items])
    try context.check(
      context.cl.clEnqueueNDRangeKernel(context.queue, kernel.kernel, 1, nil, size, group, 0, nil, &event),
      "clEnqueueNDRangeKernel")
    try context.check(context.cl.clFlush(context.queue), "clFlush")
    guard let event else { return true }
    defer { _ = context.cl.clReleaseEvent(event) }
    let deadline = ContinuousClock.now + .seconds(5)
    repeat {
      var status: cl_int = 0
      try context.check(
        context.cl.clGetEventInfo(
          event, cl_event_info(CL_EVENT_COMMAND_EXECUTION_STATUS), MemoryLayout<cl_int>.size, &status, nil),
        "clGetEventInfo")
      // An error is negative.
      try context.check(min(status, 0), "probe")
      if status == CL_COMPLETE { return true }
      usleep(200)
    } while ContinuousClock.now < deadline
    return false
  }
}

extension OpenCLBackend {
  /// A description with the claims of the driver and the results of the probes; unchanged for other devices.
  ///
  /// Nothing here fails: what does not work is part of the answer. A kernel that does not end is left behind after five
  /// seconds; the driver's threads may then keep the process from ending by itself.
  package static func probed(_ description: DeviceDescription) -> DeviceDescription {
    guard let devices = try? OpenCLDevice.all(.open()),
      let device = devices.first(where: { $0.identifier == description.identifier })
    else { return description }
    var description = description
    do {
      let context = try Context(device)
      for probe in Probe.all(device) {
        let (text, hangs) = probe.report(on: context)
        description.capabilities[probe.name] = text
        if hangs { return description }
      }
      description.capabilities["tensor cores"] = device.probedTensorCores()
    } catch {
      description.capabilities["probes"] = "not possible: \(error)"
    }
    return description
  }
}
