import Recurrent

/// The progress of a run: a progress bar on a terminal, else occasional lines.
struct Progress {
  let stepsPerEpoch: Int
  let epochs: Int
  let doneBefore: Int
  /// The unit of a report.
  let unit: String
  private let start = ContinuousClock.now
  private var lastLine = ContinuousClock.now
  private var isDrawn = false

  init(stepsPerEpoch: Int, epochs: Int, doneBefore: Int = 0, unit: String = "tokens") {
    self.stepsPerEpoch = stepsPerEpoch
    self.epochs = epochs
    self.doneBefore = doneBefore
    self.unit = unit
  }

  /// Shows a report.
  mutating func show(_ report: TrainingReport) {
    let rate =
      report.itemsPerSecond > 0 ? report.itemsPerSecond.roundedDown.grouped + " \(unit)/s, " : ""
    let loss = "loss \(report.loss.text(4))"
    switch report.kind {
    case .epoch:
      end()
      let time = report.seconds.asDuration
      Console.say("Epoch \(report.epoch) of \(epochs): \(loss)\(report.validationText), \(rate)\(time)")
    case .steps where Console.isTerminal:
      let share = Double(report.batch) / Double(stepsPerEpoch)
      let head = "Epoch \(report.epoch) of \(epochs) "
      let tail = " \((share * 100).text(0)) %  \(loss), \(rate)\(left(report.step)) left"
      let width = max(0, min(30, Console.columns - head.count - tail.count - 3))
      let full = Int(share * Double(width))
      let bar = String(repeating: "█", count: full) + String(repeating: "░", count: width - full)
      // A line that wraps could not be drawn over.
      Console.tell("\r" + (head + bar + tail).prefix(Console.columns - 1) + "\u{1B}[K")
      isDrawn = true
    case .steps:
      guard lastLine.duration(to: .now).seconds >= 10 else { return }
      lastLine = .now
      Console.say(
        "Epoch \(report.epoch) of \(epochs), step \(report.step): \(loss), \(rate)\(left(report.step)) left")
    }
  }

  /// Removes the bar.
  mutating func end() {
    if isDrawn { Console.tell("\r\u{1B}[K") }
    isDrawn = false
  }

  /// The remaining time at the current rate.
  private func left(_ step: Int) -> String {
    let done = Double(step - doneBefore)
    guard done > 0 else { return "–" }
    return (start.duration(to: .now).seconds / done * Double(stepsPerEpoch * epochs - step)).asDuration
  }
}
