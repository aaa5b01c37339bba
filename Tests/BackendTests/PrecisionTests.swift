import RecurrentCore
import Testing

@testable import RecurrentCheck
@testable import RecurrentOpenCL

/// Products with rounded factors, tensor cores' work done by what stands in for them: all but the instructions themselves.
@Suite struct PrecisionTests {
  private static let precisions = [Precision.tf32, .bf16]

  private func backends(_ precision: Precision) throws -> [OpenCLBackend] {
    try OpenCLDevice.tested().map { device in
      let backend = try OpenCLBackend(device, cache: nil, tuned: false)
      #expect(backend.use(precision, cores: .standIn) == nil)
      return backend
    }
  }

  // MARK: Rounding

  @Test(arguments: precisions) func numbersAreRounded(precision: Precision) throws {
    let halves: [Float] = [
      1 + 0x1p-11, 1 + 0x3p-11, 1 + 0x1p-8, 1 + 0x3p-8, 1 + 0x1p-11 - 0x1p-23, 1 + 0x1p-8 + 0x1p-23,
    ]
    var draws = Draws("numbers")
    let all =
      [0, -0.0, 1, .infinity, .nan, .greatestFiniteMagnitude, .leastNormalMagnitude, 0x1p-140, 0x1p-149] + halves
      + halves.map { -$0 * 0x1p100 } + (0..<200).map { _ in Float(bitPattern: draws.word()) }
    let values = all + [Float](repeating: 0, count: 256 - all.count)
    let word = precision == .bf16 ? "word(x[i], 0) << 16" : "word(x[i])"
    for device in try OpenCLDevice.tested() {
      let after = try run(
        "kernel void rounding(global float *x) { int i = get_global_id(0); x[i] = as_float(\(word)); }", "rounding",
        precision, values, on: device)
      for (value, found) in zip(values, after) {
        let right = precision.rounded(value)
        #expect(found == right || found.isNaN && right.isNaN, "\(value) gives \(found), not \(right)")
      }
    }
  }

  // MARK: Fragments

  /// What the kernel says that a lane's registers hold, beside the formulas of the PTX ISA: "Matrix Fragments for mma.m16n8k8"
  /// for .tf32, "Matrix Fragments for mma.m16n8k16 with floating point type" for .bf16, element by element.
  @Test(arguments: precisions) func fragmentsLieAsTheISASays(precision: Precision) throws {
    let places = """
      kernel void places(global float *x) {
        int lane = get_global_id(0);
        x += lane * 20;
        for (int r = 0; r < 4; r++) {
          x[r] = LEFT_ROW(lane, r) * 100 + LEFT_WORD(lane, r);
          x[8 + r] = SUM_ROW(lane, r) * 100 + SUM_COLUMN(lane, r);
        }
        for (int r = 0; r < 2; r++) x[4 + r] = RIGHT_WORD(lane, r) * 100 + RIGHT_COLUMN(lane, r);
      }
      """
    let found = try run(
      places, "places", precision, [Float](repeating: 0, count: 32 * 20), items: 32, on: OpenCLDevice.tested()[0]
    ).map(Int.init)
    for lane in 0..<32 {
      let (groupID, threadInGroup) = (lane >> 2, lane % 4)
      let place = { (register: Int) in
        (row: found[lane * 20 + register] / 100, column: found[lane * 20 + register] % 100)
      }
      for i in 0..<4 {
        // The accumulators c0 to c3 are the same for both.
        #expect(place(8 + i) == (row: i < 2 ? groupID : groupID + 8, column: threadInGroup * 2 + (i & 1)))
      }
      switch precision {
      case .bf16:
        // a0 to a7 and b0 to b3, two in each register, the lower index in the lower half.
        for i in 0..<8 {
          let row = i < 2 || 4 <= i && i < 6 ? groupID : groupID + 8
          let column = threadInGroup * 2 + (i & 1) + (i >= 4 ? 8 : 0)
          let register = place(i / 2)
          #expect(register.row == row && register.column * 2 + i % 2 == column, "lane \(lane), a\(i)")
        }
        for i in 0..<4 {
          let row = threadInGroup * 2 + (i & 1) + (i >= 2 ? 8 : 0)
          let register = place(4 + i / 2)
          #expect(register.row * 2 + i % 2 == row && register.column == groupID, "lane \(lane), b\(i)")
        }
      default:
        for i in 0..<4 {
          let row = i == 0 || i == 2 ? groupID : groupID + 8
          #expect(place(i) == (row: row, column: i < 2 ? threadInGroup : threadInGroup + 4), "lane \(lane), a\(i)")
        }
        for i in 0..<2 {
          #expect(
            place(4 + i) == (row: i == 0 ? threadInGroup : threadInGroup + 4, column: groupID), "lane \(lane), b\(i)")
        }
      }
    }
  }

  /// Runs a kernel that is appended to `mma.cl` over some values.
  private func run(
    _ text: String, _ name: String, _ precision: Precision, _ values: [Float], items: Int? = nil,
    on device: OpenCLDevice
  ) throws -> [Float] {
    let backend = try OpenCLBackend(device, cache: nil)
    let x = try backend.upload(values, columns: values.count)
    let options =
      "-cl-std=CL1.2 -DWIDTH=1 -D\(precision.rawValue.uppercased()) -DLANES_X=1 -DLANES_Y=1"
    let program = try Program.build(
      name, kernelText("mma") + text, options: options, context: backend.context, cache: nil)
    let kernel = try Kernel(name, of: program)
    var setter = ArgumentSetter(kernel, backend.context, nothing: backend.nothing)
    try setter.set(x.buffer)
    try backend.enqueue(
      PreparedKernel(kernel: kernel, context: backend.context, bytes: 0), [items ?? values.count])
    return try backend.download(x)
  }

  // MARK: Products

  /// All edge sizes and transpositions, and sums in splits: on what stands in as exact as float32 is.
  @Test(arguments: precisions) func productsAgree(precision: Precision) throws {
    for backend in try backends(precision) {
      for known in ParityCase.rounded(to: precision, size: .full) {
        let result = try known.run(backend)
        #expect(result.error <= 1e-12, "\(backend.device.variant): \(result.name): \(result.detail)")
      }
      #expect((backend.launches["addSplits"] ?? 0) >= 8 && backend.launches["matmul"] == nil)
    }
  }

  // MARK: What it is called

  @Test func theVariantNamesThePrecision() throws {
    let backend = try OpenCLBackend(OpenCLDevice.tested()[0], cache: nil, tuned: false)
    let float32 = backend.device.variant
    #expect(backend.use(.tf32, cores: .standIn) == nil)
    #expect(backend.device.variant == float32 + " tf32 stand-in" && backend.device.precision == .tf32)
    #expect(backend.use(.float32, cores: .standIn) == nil)
    #expect(backend.device.variant == float32 && backend.device.precision == .float32)
    // No processor has them, and compilers may crash on their instructions: so nothing is tried.
    #expect(backend.use(.tf32, cores: .ptx) != nil)
    #expect(backend.device.variant == float32 && backend.rounded == nil)
  }

  @Test func memoryIsCounted() throws {
    let backend = try OpenCLBackend(OpenCLDevice.tested()[0], cache: nil, tuned: false)
    try backend.resetPeakMemory()
    let before = backend.peakMemory
    do { _ = try backend.allocate(1 << 20) }
    _ = try backend.allocate(1 << 10)
    #expect(backend.peakMemory == before + 4 << 20)
    try backend.resetPeakMemory()
    #expect(backend.peakMemory == before)
  }
}
