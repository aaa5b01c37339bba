/// A chart of series: a panel per variable, below each other, over one axis of time steps.
///
/// `text` draws it for terminals, `svg` for browsers and documents. Positions on the axis are indices of steps.
package struct TimeChart: Sendable {
  /// What the chart shows.
  package var title: String
  /// The time of step 0, and the time from step to step; nil numbers the steps.
  package var times: (start: Timestamp, step: TimeStep)?
  /// What the numbers of steps are, below an axis without times.
  package var stepLabel = "step"
  /// The panels, from top to bottom.
  package var panels: [Panel]
  /// The first step of the forecast: a vertical line is drawn before it; nil for none.
  package var origin: Int?

  /// A chart without a forecast's origin.
  package init(title: String, times: (start: Timestamp, step: TimeStep)? = nil, panels: [Panel]) {
    (self.title, self.times, self.panels) = (title, times, panels)
  }

  /// The lines, bands, marks and windows over one axis of values.
  package struct Panel: Sendable {
    /// The variable, with its unit: `load (MW)`; not repeated if it is the chart's title.
    package var label: String
    /// The lines; later ones are drawn over earlier ones.
    package var lines: [Line]
    /// The intervals of a forecast.
    package var bands: [Band]
    /// The points that stand out.
    package var marks: [Mark]
    /// The parts of the time axis that are labelled or flagged.
    package var windows: [Window]
    /// Whether the axis has powers of ten at equal distances: values of 0 and below are gaps, and so are those below
    /// 10⁻¹² of the largest.
    package var isLogarithmic = false

    /// A panel of lines.
    package init(
      label: String, lines: [Line], bands: [Band] = [], marks: [Mark] = [], windows: [Window] = []
    ) {
      (self.label, self.lines, self.bands, self.marks, self.windows) = (label, lines, bands, marks, windows)
    }
  }

  /// What a line is, which determines how it looks.
  package enum Role: Sendable, Hashable {
    /// The known values before a forecast, or a whole series.
    case history
    /// The values that a forecast is compared with.
    case truth
    /// The predicted values.
    case forecast
    /// The anomaly score.
    case score
    /// The least score of an anomaly.
    case threshold
    /// One of several lines of the same kind, from 0: their colors are repeated after six.
    case series(Int)
  }

  /// Values at consecutive steps.
  package struct Line: Sendable {
    /// The name in the legend.
    package var name: String
    /// What it is.
    package var role: Role
    /// The step of the first value.
    package var start: Int
    /// The values; one that is not finite is a gap.
    package var values: [Float]

    /// A line; its name in the legend is that of the role where none is given.
    package init(_ role: Role, name: String? = nil, start: Int = 0, values: [Float]) {
      (self.name, self.role, self.start, self.values) = (name ?? "\(role)", role, start, values)
    }
  }

  /// An interval at consecutive steps.
  package struct Band: Sendable {
    /// The probability of a value within it, in percent: 80, 95.
    package var level: Int
    /// The step of the first value.
    package var start: Int
    /// The lower ends; one that is not finite is a gap.
    package var lower: [Float]
    /// The upper ends, as many.
    package var upper: [Float]

    /// A band.
    package init(level: Int, start: Int, lower: [Float], upper: [Float]) {
      (self.level, self.start, self.lower, self.upper) = (level, start, lower, upper)
    }
  }

  /// A point that stands out: a flagged value.
  package struct Mark: Sendable {
    /// The name in the legend.
    package var name: String
    /// The step.
    package var step: Int
    /// The value.
    package var value: Float

    /// A mark.
    package init(name: String, step: Int, value: Float) {
      (self.name, self.step, self.value) = (name, step, value)
    }
  }

  /// A part of the time axis.
  package struct Window: Sendable {
    /// Where a window comes from.
    package enum Kind: String, Sendable, CaseIterable {
      /// The data's labels, shaded.
      case labelled
      /// The detector, marked along the axis.
      case flagged
    }

    /// Where it comes from.
    package var kind: Kind
    /// Its steps.
    package var steps: Range<Int>

    /// A window.
    package init(_ kind: Kind, steps: Range<Int>) { (self.kind, self.steps) = (kind, steps) }
  }
}
