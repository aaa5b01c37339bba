import COpenCL
import RecurrentCore

/// The multiplication of rounded factors; see `mma.cl`.
package enum TensorCores: String, CaseIterable, Sendable {
  /// Tensor cores, by inline PTX.
  case ptx
  /// Plain C with the same rounding, slow, on any device: for tests.
  case standIn = "stand-in"
}

extension OpenCLBackend {
  /// Enables rounding of the factors of large products, if tensor cores compute correct results.
  /// - Returns: Why they do not, where they do not: then nothing is rounded.
  /// - Throws: `RecurrentError.invalidArgument` for a word in `RECUR_TENSOR_CORES` that names nothing.
  package func use(_ precision: Precision) throws -> String? {
    try use(precision, cores: Self.choice("RECUR_TENSOR_CORES") ?? .ptx)
  }

  /// The same with given tensor cores.
  package func use(_ precision: Precision, cores: TensorCores) -> String? {
    round(nil)
    guard precision != .float32 else { return nil }
    if cores == .ptx, let problem = context.device.tensorCoreProblem { return problem }
    round(WarpProducts(precision: precision, cores: cores, takesAll: cores == .standIn))
    do {
      if try multipliesRightly(precision) { return nil }
      round(nil)
      return "its tensor cores give wrong results"
    } catch {
      round(nil)
      return "its driver rejects inline PTX for them: \(error)"
    }
  }

  /// Also rounds the factors of small products, for checks.
  package func roundAllProducts() { rounded?.takesAll = true }

  /// Sets the products with rounded factors and the variant of the device.
  private func round(_ products: WarpProducts?) {
    rounded = products
    device.precision = products?.precision ?? .float32
    updateVariant()
  }

  // MARK: A known answer

  /// Whether products of small integers, and of one value that is rounded, are exact in the layouts of training.
  private func multipliesRightly(_ precision: Precision) throws -> Bool {
    let (m, n, k) = (40, 24, 50)
    // Half-way between two neighbours: away from 0, and to the even one above.
    let (halfway, rounded): (Float, Float) =
      precision == .tf32 ? (1 + 0x1p-11, 1 + 0x1p-10) : (1 + 0x3p-8, 1 + 0x1p-6)
    let left = { (i: Int, p: Int) in i + p == 0 ? halfway : Float((7 * i + 3 * p) % 9 - 4) }
    let right = { (p: Int, j: Int) in Float((5 * p + 2 * j + p * j) % 7 - 3) }
    let expected = (0..<m * n).map { place in
      (0..<k).reduce(0 as Float) { sum, p in
        sum + (place / n + p == 0 ? rounded : left(place / n, p)) * right(p, place % n)
      }
    }
    for (transposesA, transposesB) in [(false, true), (false, false), (true, false)] {
      let a = try upload(transposesA ? k : m, transposesA ? m : k) { transposesA ? left($1, $0) : left($0, $1) }
      let b = try upload(transposesB ? n : k, transposesB ? k : n) { transposesB ? right($1, $0) : right($0, $1) }
      let c = try allocate(rows: m, columns: n)
      guard let products = self.rounded else { return false }
      try multiply(Matmul(a, b, transposesA: transposesA, transposesB: transposesB, into: .set(c)), products)
      if try download(c) != expected { return false }
    }
    return true
  }

  private func upload(_ rows: Int, _ columns: Int, _ value: (Int, Int) -> Float) throws -> Region {
    try upload((0..<rows * columns).map { value($0 / columns, $0 % columns) }, rows: rows, columns: columns)
  }
}

extension OpenCLDevice {
  /// The reason not to test inline PTX, since some drivers' compilers crash on it; nil to test it.
  fileprivate var tensorCoreProblem: String? {
    guard extensions.contains("cl_nv_device_attribute_query") else { return "no tensor cores that OpenCL can use" }
    let generation: cl_uint = number(CL_DEVICE_COMPUTE_CAPABILITY_MAJOR_NV)
    return generation >= 8
      ? nil : "tensor cores support it from compute capability 8, and this device has \(generation)"
  }

  /// The result of testing tensor cores: `probed yes (tf32, bf16)`.
  func probedTensorCores() -> String {
    if let problem = tensorCoreProblem { return "not claimed; not probed (\(problem))" }
    do {
      let backend = try OpenCLBackend(self, cache: .standard())
      let problems = [Precision.tf32, .bf16].map { ($0, backend.use($0, cores: .ptx)) }
      let working = problems.filter { $0.1 == nil }.map { "\($0.0)" }
      return "claimed; probed "
        + (working.isEmpty ? "no (\(problems[0].1 ?? ""))" : "yes (\(working.joined(separator: ", ")))")
    } catch {
      return "claimed; probed no (\(error))"
    }
  }
}
