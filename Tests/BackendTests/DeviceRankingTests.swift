import COpenCL
import RecurrentCore
import Testing

@testable import RecurrentOpenCL

/// The order of the devices of machines that are not here.
@Suite struct DeviceRankingTests {
  private static let gigabyte = 1 << 30

  private func gpu(
    _ identifier: String, _ platform: String, _ name: String, _ vendor: Vendor?, units: Int,
    lanes: Int = 64,
    clock: Int = 1500, memory: Int = 8, integrated: Bool = false, bus: UInt32? = nil, uuid: [UInt8]? = nil
  ) -> DeviceTraits {
    DeviceTraits(
      identifier: identifier, platform: Int(identifier.split(separator: ":")[1]) ?? 0, platformName: platform,
      kind: .gpu,
      name: name, vendor: vendor, usesHostMemory: integrated, units: units, lanes: lanes, clock: clock,
      memory: memory * Self.gigabyte, uuid: uuid, address: bus.map { .init(bus: $0, device: 0) })
  }

  /// A processor of 8 cores with AVX2.
  private func ranking(_ devices: [DeviceTraits]) -> DeviceRanking { DeviceRanking(devices, processorRate: 384) }

  private var iris: DeviceTraits {
    gpu(
      "opencl:0:0", "Intel(R) OpenCL Graphics", "Intel(R) Iris(R) Xe Graphics", .intel, units: 96, lanes: 8,
      clock: 1350,
      memory: 29, integrated: true, bus: 0)
  }
  private var geForce: DeviceTraits {
    gpu(
      "opencl:1:0", "NVIDIA CUDA", "NVIDIA GeForce RTX 4050 Laptop GPU", .nvidia, units: 20, lanes: 128, clock: 1605,
      memory: 6,
      bus: 1)
  }
  private var radeon: DeviceTraits {
    gpu(
      "opencl:2:0", "AMD Accelerated Parallel Processing", "AMD Radeon RX 7900 XTX", .amd, units: 48, lanes: 128,
      clock: 2482,
      memory: 24, bus: 3)
  }
  private var radeonByMesa: DeviceTraits {
    gpu("opencl:0:1", "rusticl", "AMD Radeon RX 7900 XTX", .amd, units: 96, clock: 2482, memory: 23, bus: 3)
  }

  @Test func aDiscreteGPUComesBeforeAnIntegratedOne() {
    let ranking = ranking([iris, geForce])
    #expect(ranking.order == ["opencl:1:0", "opencl:0:0"] && ranking.automatic == ranking.order)
    #expect(ranking.choice() == ("opencl:1:0", "the only discrete GPU"))
    let second = ranking.choice(failed: ["opencl:1:0"])
    #expect(second == ("opencl:0:0", "the only integrated GPU; opencl:1:0 failed its check"))
  }

  @Test func theFasterOfTwoComesFirst() {
    let ranking = ranking([geForce, radeon])
    #expect(ranking.order == ["opencl:2:0", "opencl:1:0"])
    #expect(
      ranking.choice().reason
        == "of 2 discrete GPUs the one with the highest rough rate, \(Int((2 * radeon.rate).rounded())) GF/s")
    // 3,072 multiply-adds a clock of Intel's are fewer than 2,560 of another's at twice the clock.
    var arc = gpu(
      "opencl:0:0", "Intel(R) OpenCL Graphics", "Intel(R) Arc(TM)", .intel, units: 384, lanes: 8, clock: 800, bus: 4)
    #expect(self.ranking([arc, geForce]).order == ["opencl:1:0", "opencl:0:0"])
    arc.clock = 0
    #expect(self.ranking([arc, geForce]).order == ["opencl:0:0", "opencl:1:0"], "an unknown clock is 1.5 GHz")
  }

  @Test func equalGPUsStayInOrder() {
    var second = geForce
    (second.identifier, second.address) = ("opencl:1:1", .init(bus: 2, device: 0))
    #expect(ranking([geForce, second]).order == ["opencl:1:0", "opencl:1:1"])
    #expect(ranking([geForce, second]).choice().reason == "one of 2 discrete GPUs of equal rate")
    second.memory *= 2
    #expect(ranking([geForce, second]).order == ["opencl:1:1", "opencl:1:0"], "more memory")
  }

  @Test func oneGPUWithTwoDriversIsOne() {
    let expected = ["opencl:2:0", "opencl:0:1"]
    let byAddress = ranking([radeonByMesa, radeon])
    #expect(byAddress.order == expected)
    #expect(
      byAddress.choice().reason
        == "the only GPU, discrete; opencl:0:1 (rusticl) is the same GPU as opencl:2:0 with another driver")
    let failed = byAddress.choice(failed: ["opencl:2:0"])
    #expect(failed.identifier == "opencl:0:1" && failed.reason.contains("opencl:2:0 failed its check"))
    // One driver that tells no address.
    var (mesa, amd) = (radeonByMesa, radeon)
    mesa.address = nil
    #expect(ranking([mesa, amd]).gpus.count == 1)
    amd.name = "Radeon RX 7900 XTX"
    #expect(ranking([mesa, amd]).gpus.count == 1)
    mesa.memory /= 2
    #expect(ranking([mesa, amd]).gpus.count == 2, "another board")
    (mesa.uuid, amd.uuid) = ([1, 2], [1, 2])
    #expect(ranking([mesa, amd]).gpus.count == 1)
    // Other addresses, other boards.
    var other = radeonByMesa
    other.address = .init(bus: 4, device: 0)
    #expect(ranking([other, radeon]).gpus.count == 2)
  }

  /// Two boards of a kind with two drivers that tell no address, and one that tells a UUID.
  @Test func twoGPUsWithTwoDriversAreTwo() {
    let boards = { (platform: String, name: String, uuids: [[UInt8]?]) in
      uuids.enumerated().map {
        gpu("opencl:\(platform):\($0.offset)", name, "NVIDIA A100", .nvidia, units: 108, memory: 40, uuid: $0.element)
      }
    }
    let unknown = ranking(
      boards("0", "NVIDIA CUDA", [nil, nil]) + boards("1", "Portable Computing Language", [nil, nil]))
    #expect(
      unknown.gpus.map { $0.map(\.identifier) } == [["opencl:0:0", "opencl:1:0"], ["opencl:0:1", "opencl:1:1"]])
    let known = ranking(
      boards("0", "NVIDIA CUDA", [[1], [2]]) + boards("1", "Portable Computing Language", [[2], [1]]))
    #expect(known.gpus.map { $0.map(\.identifier) } == [["opencl:0:0", "opencl:1:1"], ["opencl:0:1", "opencl:1:0"]])
  }

  @Test func anIntegratedGPUMustBeFasterThanTheProcessor() {
    #expect(ranking([iris]).choice() == ("opencl:0:0", "the only GPU, integrated"))
    var small = iris
    small.units = 24
    let ranking = ranking([small])
    #expect(ranking.automatic.isEmpty && ranking.order == ["opencl:0:0"])
    #expect(
      ranking.choice() == (
        "cpu", "the rough rate of the integrated GPU opencl:0:0, 518 GF/s, is below the processor's, 768 GF/s"
      ))
  }

  @Test func machinesWithoutAGPU() {
    var processor = geForce
    processor.kind = .cpu
    for devices in [[], [processor]] {
      #expect(ranking(devices).order.isEmpty)
      #expect(ranking(devices).choice() == ("cpu", "there is no GPU"))
    }
    let failed = ranking([geForce]).choice(failed: ["opencl:1:0"])
    #expect(failed == ("cpu", "no GPU computes right results; opencl:1:0 failed its check"))
    // A driver that answers nothing.
    let silent = DeviceTraits(identifier: "opencl:0:0", platform: 0, platformName: "", kind: .gpu, name: "")
    let twin = DeviceTraits(identifier: "opencl:1:0", platform: 1, platformName: "", kind: .gpu, name: "")
    #expect(ranking([silent, twin]).order == ["opencl:0:0", "opencl:1:0"] && ranking([silent, twin]).gpus.count == 2)
  }

  // MARK: Queries

  @Test func multiplyAddsOfAUnit() {
    let lanes = { (vendor: Vendor?, isLayered: Bool, capability: Int, simds: Int) in
      DeviceTraits.lanes(vendor, isLayered: isLayered, capability: capability, simds: simds)
    }
    #expect(
      [0, 35, 61, 70, 75, 80, 86, 90, 120].map { lanes(.nvidia, false, $0, 0) } == [
        128, 192, 128, 64, 64, 64, 128, 128, 128,
      ])
    #expect(lanes(.amd, false, 0, 64) == 64 && lanes(.amd, false, 0, 128) == 128 && lanes(.amd, true, 0, 0) == 64)
    #expect(lanes(.intel, false, 0, 0) == 8 && lanes(.intel, true, 0, 0) == 64 && lanes(nil, false, 0, 0) == 64)
  }

  @Test func mesaGivesTheAddressAsUUID() {
    let uuid: [UInt8] = [0, 0, 0, 0, 0x13, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    #expect(DeviceTraits.address(inUUID: uuid) == .init(bus: 0x13, device: 0))
    #expect(DeviceTraits.address(inUUID: Array("GPU-8a2c5f1b03d4".utf8)) == nil)
    #expect(DeviceTraits.address(inUUID: []) == nil)
  }

  @Test(arguments: [
    (
      "AMD Radeon RX 7900 XTX (radeonsi, navi31, LLVM 17.0.6, DRM 3.54, 6.6.8-200.fc39)",
      "AMD Radeon RX 7900 XTX (radeonsi, navi31)", "AMD Radeon RX 7900 XTX"
    ),
    ("AMD RAVEN (DRM 3.37.0, 5.7.7, LLVM 10.0.0)", "AMD RAVEN", "AMD RAVEN"),
    ("llvmpipe (LLVM 15.0.6, 256 bits)", "llvmpipe (256 bits)", "llvmpipe"),
    (
      "Mesa Intel(R) Arc(tm) A770 Graphics (DG2)", "Mesa Intel(R) Arc(tm) A770 Graphics (DG2)",
      "Mesa Intel(R) Arc(tm) A770 Graphics"
    ),
    ("Intel(R) Iris(R) Xe Graphics", "Intel(R) Iris(R) Xe Graphics", "Intel(R) Iris(R) Xe Graphics"),
    ("Intel(R)", "Intel(R)", "Intel(R)"), ("NVIDIA H200", "NVIDIA H200", "NVIDIA H200"), ("(", "(", "("), ("", "", ""),
    ("(LLVM 15.0.6)", "(LLVM 15.0.6)", "(LLVM 15.0.6)"),
  ])
  func namesWithoutVersions(name: String, stable: String, board: String) {
    #expect(DeviceTraits.stableName(name) == stable)
    #expect(DeviceTraits.boardName(name) == board)
  }

  /// A processor, and an integrated GPU, have no memory of their own: see `Context.usesHostMemory`.
  @Test func unifiedMemoryIsHostMemory() throws {
    let device = try #require(OpenCLDevice.all(.open()).first)
    #expect(device.isCPU && device.traits.usesHostMemory && device.traits.name == DeviceTraits.boardName(device.name))
    #expect((device.number(CL_DEVICE_HOST_UNIFIED_MEMORY) as UInt32) == 1)
  }
}
