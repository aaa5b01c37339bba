/// The colors of a chart in SVG, for a light and a dark background.
enum SVGStyle {
  /// Rules for the elements of a chart. The colors of lines are those of Wong (2011), which color-blind readers can tell
  /// apart, darker on white and lighter on black where the contrast requires it.
  static let rules = """
    <style>
    .recur-chart text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif;fill:#555}
    .recur-chart .title{font-size:16px;font-weight:600;fill:#111}
    .recur-chart .label{font-weight:600;fill:#222}
    .recur-chart path{fill:none;stroke-width:1.3;stroke-linejoin:round;stroke-linecap:round}
    .recur-chart .ground{fill:#fff}
    .recur-chart .grid{stroke:#e6e6e6;stroke-width:1}
    .recur-chart .axis{stroke:#999;stroke-width:1}
    .recur-chart .origin{stroke:#777;stroke-width:1;stroke-dasharray:2 3}
    .recur-chart .history{stroke:#444}
    .recur-chart .truth{stroke:#c45500}
    .recur-chart .forecast{stroke:#0072b2;stroke-width:2.2}
    .recur-chart .score{stroke:#9c4f7c}
    .recur-chart .threshold{stroke:#c45500;stroke-dasharray:6 4}
    .recur-chart .series0{stroke:#0072b2}
    .recur-chart .series1{stroke:#c45500}
    .recur-chart .series2{stroke:#00845f}
    .recur-chart .series3{stroke:#b0598a}
    .recur-chart .series4{stroke:#a87400}
    .recur-chart .series5{stroke:#3b8fc2}
    .recur-chart .band{fill:#0072b2;fill-opacity:.17;stroke:none}
    .recur-chart .labelled{fill:#e69f00;fill-opacity:.25}
    .recur-chart .flagged{fill:#d55e00}
    .recur-chart .mark{stroke:#d55e00;stroke-width:7}
    .recur-chart .weight{fill:#0072b2;stroke:#e6e6e6;stroke-width:1}
    @media (prefers-color-scheme:dark){
    .recur-chart text{fill:#b4b4b4}
    .recur-chart .title{fill:#f2f2f2}
    .recur-chart .label{fill:#dedede}
    .recur-chart .ground{fill:#14171a}
    .recur-chart .grid{stroke:#2b2f33}
    .recur-chart .axis{stroke:#6c7278}
    .recur-chart .origin{stroke:#9aa0a6}
    .recur-chart .history{stroke:#c8c8c8}
    .recur-chart .truth{stroke:#ff9a4d}
    .recur-chart .forecast{stroke:#56b4e9}
    .recur-chart .score{stroke:#e39ac3}
    .recur-chart .threshold{stroke:#ff9a4d}
    .recur-chart .series0{stroke:#4aa3df}
    .recur-chart .series1{stroke:#ff9a4d}
    .recur-chart .series2{stroke:#2fc79a}
    .recur-chart .series3{stroke:#e39ac3}
    .recur-chart .series4{stroke:#e6b84c}
    .recur-chart .series5{stroke:#a5d8f5}
    .recur-chart .band{fill:#56b4e9;fill-opacity:.2}
    .recur-chart .flagged{fill:#ff7f3f}
    .recur-chart .mark{stroke:#ff7f3f}
    .recur-chart .weight{fill:#56b4e9;stroke:#2b2f33}
    }
    </style>
    """

  /// The class of a line.
  static func name(_ role: TimeChart.Role) -> String {
    if case .series(let index) = role { "series\(index % 6)" } else { "\(role)" }
  }

  /// A width for a text of 12 pixels in most fonts.
  static func width(_ text: String) -> Double { 7 * Double(text.count) }
}
