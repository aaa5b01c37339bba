import Foundation
import Testing

@testable import RecurrentData

private let folder = ProcessInfo.processInfo.environment["RECUR_DATA_DIR"]

/// Published numbers on public series. `make test` sets RECUR_DATA_DIR; where it has no such file, that test is skipped.
struct RealSeriesTests {
  private static func has(_ name: String) -> Bool {
    folder.map { FileManager.default.fileExists(atPath: $0 + "/" + name) } ?? false
  }

  /// The numbers of each line after the header and after its first column.
  private func rows(_ name: String) throws -> [[Float]] {
    try Files.readText(#require(folder) + "/" + name).split(whereSeparator: \.isNewline).dropFirst().map { line in
      line.split(separator: ",").dropFirst().compactMap { Float($0.drop { $0 == "\"" }.prefix { $0 != "\"" }) }
    }
  }

  @Test(.enabled(if: has("m4/Hourly-train.csv.gz"), "RECUR_DATA_DIR names no folder with m4"))
  func competition() throws {
    let (training, test) = try (rows("m4/Hourly-train.csv.gz"), rows("m4/Hourly-test.csv"))
    let scales = training.map { ForecastErrors.scale(of: $0[...], season: 24) }
    func errors(_ forecast: NaiveForecast) -> ForecastErrors {
      var errors = ForecastErrors(scales: scales)
      for (series, history) in training.enumerated() {
        errors.add(forecast(after: history[...], steps: 48)[...], truth: test[series][...], series: series)
      }
      return errors
    }
    let (benchmark, seasonal) = (errors(.naive2(season: 24)), errors(.seasonal(24)))
    #expect(benchmark.count == 414 * 48)
    #expect((benchmark.symmetricPercentage - 18.383).magnitude < 5e-4)
    #expect((benchmark.meanAbsoluteScaled - 2.395).magnitude < 5e-4)
    #expect((seasonal.symmetricPercentage - 13.912).magnitude < 5e-4)
    #expect((seasonal.meanAbsoluteScaled - 1.193).magnitude < 5e-4)
    #expect((seasonal.overallWeightedAverage(against: benchmark) - 0.6275).magnitude < 5e-5)
  }

  @Test(.enabled(if: has("ett/ETTh1.csv"), "RECUR_DATA_DIR names no folder with ett"))
  func transformers() throws {
    let rows = try rows("ett/ETTh1.csv").prefix(14_400)
    let scaler = try StandardScaler(fitting: rows.prefix(8640).flatMap { $0 }, features: 7)
    let values = try scaler.applied(to: rows.flatMap { $0 })
    let channels = (0..<7).map { channel in (0..<rows.count).map { values[$0 * 7 + channel] } }
    let linear = try #require(LinearForecast(fitting: channels.map { $0[..<8640] }, window: 96, horizon: 24))
    func errors(_ forecast: (ArraySlice<Float>) -> [Float]) -> ForecastErrors {
      var errors = ForecastErrors(series: 7)
      for (series, channel) in channels.enumerated() {
        for origin in 11_520...14_400 - 24 {
          errors.add(forecast(channel[..<origin])[...], truth: channel[origin..<origin + 24], series: series)
        }
      }
      return errors
    }
    func expect(_ errors: ForecastErrors, _ squared: Double, _ absolute: Double) {
      #expect((errors.meanSquared - squared).magnitude < 5e-4 && (errors.meanAbsolute - absolute).magnitude < 5e-4)
    }
    expect(errors { linear(after: $0) }, 0.3095, 0.3507)
    expect(errors { NaiveForecast.lastValue(after: $0, steps: 24) }, 1.222, 0.671)
    expect(errors { NaiveForecast.seasonal(24)(after: $0, steps: 24) }, 0.424, 0.389)
  }

  /// The 13 series of two of NAB's folders, with the steps of their windows.
  private func benchmark() throws -> [(name: String, values: [Float], windows: [Range<Int>], season: Int)] {
    let root = try #require(folder) + "/nab/"
    let labels = try JSON.decode([String: [[String]]].self, from: Files.read(root + "labels/combined_windows.json"))
    return try labels.keys.sorted().filter { $0.hasPrefix("realKnownCause") || $0.hasPrefix("artificialWith") }.map {
      name in
      let rows = try Files.read(root + name).split(whereSeparator: { $0 == 10 || $0 == 13 }).dropFirst().map { line in
        line.split(separator: UInt8(ascii: ",")).map { String(decoding: $0, as: UTF8.self) }
      }
      let windows = try #require(labels[name]).map { limits in
        let steps = limits.map { limit in rows.firstIndex { $0[0] == limit.prefix(19) } ?? .max }
        return steps[0]..<steps[1] + 1
      }
      let season = name.contains("ambient") ? 24 : name.contains("taxi") ? 48 : 288
      return (name, rows.map { Float($0[1]) ?? .nan }, windows, season)
    }
  }

  @Test(.enabled(if: has("nab/labels/combined_windows.json"), "RECUR_DATA_DIR names no folder with nab"))
  func anomalies() throws {
    // The benchmark's own results of its windowedGaussian, whose best threshold is 1 to 12 digits.
    let official: [String: Double] = [
      "art_load_balancer_spikes": -0.692444609523, "ambient_temperature_system_failure": -2,
      "cpu_utilization_asg_misconfiguration": -1.11, "ec2_request_latency_system_failure": 2.02150685678,
      "machine_temperature_system_failure": -4, "nyc_taxi": -5, "rogue_agent_key_hold": -2.44,
      "rogue_agent_key_updown": -1.3964908955,
    ]
    var (gaussian, scorer) = (NABScore(), NABScore())
    for (name, values, windows, season) in try benchmark() {
      var detector = MovingGaussian()
      let scores = values.map { detector($0) }
      gaussian.add(scores, windows: windows)
      var alone = NABScore()
      alone.add(scores, windows: windows)
      let count = Double(windows.count)
      let raw = try #require(alone.value(.standard, threshold: -log10(5e-13))) / 100 * 2 * count - count
      let expected = official.first { name.contains($0.key) }?.value ?? -1
      #expect((raw - expected).magnitude < 1e-6, "\(name)")

      var (score, suppression) = (AnomalyScorer(), RepeatSuppression(steps: NABScore.probation(of: values.count) / 2))
      scorer.add(
        values.indices.map {
          suppression(score(value: values[$0], forecast: $0 < season ? .nan : values[$0 - season]))
        }, windows: windows)
    }
    let floors: [NABScore.Profile: Double] = [
      .standard: 12.0654, .lowFalsePositives: 7.0085, .lowFalseNegatives: 16.0436,
    ]
    for (profile, floor) in floors {
      #expect(try (#require(gaussian.best(profile)?.value) - floor).magnitude < 1e-3)
    }
    #expect(try #require(scorer.best(.standard)?.value) > 65)
  }
}
