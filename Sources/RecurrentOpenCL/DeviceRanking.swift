import RecurrentCore

/// The order in which GPUs are used: discrete ones before integrated ones, then by their rough rate, then by memory. A GPU
/// that several drivers list is one GPU, and its vendor's driver comes first.
///
/// Integrated GPUs share the processor's memory and power: `auto` uses them only if their rough rate is above the
/// processor's.
package struct DeviceRanking: Sendable {
  /// The GPUs, best first; each as listed by every driver, the preferred one first.
  let gpus: [[DeviceTraits]]
  /// The rough rate of the processor, in billions of multiply-adds per second.
  let processorRate: Double

  /// The ranking of a machine without a GPU.
  package init(processorRate: Double) { self.init([], processorRate: processorRate) }

  /// Ranks the devices of a machine, in the order of the drivers.
  init(_ devices: [DeviceTraits], processorRate: Double) {
    self.processorRate = processorRate
    let listed = Self.grouped(devices.filter { $0.kind == .gpu }).map { drivers in
      drivers.filter { !$0.isLayered } + drivers.filter(\.isLayered)
    }
    gpus = listed.enumerated().sorted { Self.key($0) > Self.key($1) }.map(\.element)
  }

  private static func key(_ gpu: (offset: Int, element: [DeviceTraits])) -> (Int, Double, Int, Int) {
    let traits = gpu.element[0]
    return (traits.usesHostMemory ? 0 : 1, traits.rate, traits.memory, -gpu.offset)
  }

  /// The devices of each GPU.
  private static func grouped(_ devices: [DeviceTraits]) -> [[DeviceTraits]] {
    var groups: [[DeviceTraits]] = []
    for device in devices {
      // What a platform lists separately is separate.
      let open = groups.indices.filter { !groups[$0].contains { $0.platform == device.platform } }
      let match =
        open.first { groups[$0].contains { isOne($0, device) == true } }
        ?? open.first { groups[$0].contains { isOne($0, device) == nil && isAlike($0, device) } }
      if let match { groups[match].append(device) } else { groups.append([device]) }
    }
    return groups
  }

  /// Whether two devices of different platforms are one GPU; nil if that is unknown. Drivers make UUIDs in different
  /// ways, so only equal ones mean anything.
  private static func isOne(_ a: DeviceTraits, _ b: DeviceTraits) -> Bool? {
    if let uuid = a.uuid, uuid == b.uuid { return true }
    guard let one = a.address, let other = b.address else { return nil }
    return one == other
  }

  /// Whether the names agree, except for the vendor before them, and the memory, except for what a driver keeps.
  private static func isAlike(_ a: DeviceTraits, _ b: DeviceTraits) -> Bool {
    let (one, other) = (a.name.lowercased(), b.name.lowercased())
    let isSameName = !one.isEmpty && !other.isEmpty && (one.hasSuffix(other) || other.hasSuffix(one))
    return isSameName && (a.memory - b.memory).magnitude <= max(a.memory, b.memory) / 8
  }

  // MARK: The choice

  /// The devices that `opencl` means, best first: every GPU with its preferred driver, then with its others.
  package var order: [String] { gpus.flatMap { $0.map(\.identifier) } }

  /// The devices that `auto` tries before the processor.
  package var automatic: [String] { gpus.filter { isFastEnough($0[0]) }.flatMap { $0.map(\.identifier) } }

  private func isFastEnough(_ gpu: DeviceTraits) -> Bool { !gpu.usesHostMemory || gpu.rate > processorRate }

  /// The device that `auto` uses, and why.
  /// - Parameter failed: The devices that failed their check, which are not used.
  package func choice(failed: Set<String> = []) -> (identifier: String, reason: String) {
    let chosen = automatic.first { !failed.contains($0) } ?? "cpu"
    var reasons = [reason(chosen)]
    reasons += automatic.prefix { $0 != chosen }.map { "\($0) failed its check" }
    for drivers in gpus where drivers.count > 1 {
      let others = drivers.dropFirst().map { "\($0.identifier) (\($0.platformName))" }.joined(separator: ", ")
      reasons.append("\(others) is the same GPU as \(drivers[0].identifier) with another driver")
    }
    return (chosen, reasons.joined(separator: "; "))
  }

  private func reason(_ chosen: String) -> String {
    guard let index = gpus.firstIndex(where: { $0.contains { $0.identifier == chosen } }) else {
      guard let slower = gpus.first(where: { !isFastEnough($0[0]) })?[0] else {
        return gpus.isEmpty ? "there is no GPU" : "no GPU computes right results"
      }
      return "the rough rate of the integrated GPU \(slower.identifier), \(Self.text(slower.rate)), is below the "
        + "processor's, \(Self.text(processorRate))"
    }
    let gpu = gpus[index][0]
    let rivals = gpus.map { $0[0] }.filter {
      $0.usesHostMemory == gpu.usesHostMemory && $0.identifier != gpu.identifier
    }
    let sort = gpu.usesHostMemory ? "integrated" : "discrete"
    guard !rivals.isEmpty else { return gpus.count == 1 ? "the only GPU, \(sort)" : "the only \(sort) GPU" }
    let rates = ([gpu] + rivals).map { Self.text($0.rate) }
    return Set(rates).count == 1
      ? "one of \(rates.count) \(sort) GPUs of equal rate"
      : "of \(rates.count) \(sort) GPUs the one with the highest rough rate, \(rates[0])"
  }

  /// A rate in billions of floating-point operations per second: two per multiply-add.
  private static func text(_ rate: Double) -> String { "\(Int((2 * rate).rounded())) GF/s" }
}
