/// How an impact table is written down.
public enum ImpactTableShape: String, Hashable, Sendable, CaseIterable, CustomStringConvertible {
    /// A page of the sensitivity analysis: a document with a heading `Table 3`.
    case seedMarkdown
    /// A table in Markdown and nothing else: `|layer|Q4_1|…|`.
    case markdownTable
    /// CSV with one line per cell: `layer,format,impact`.
    case csvLong
    /// CSV with one line per layer: `layer,Q4_1,…`.
    case csvWide
    /// The project's own JSON with one object per cell.
    case jsonLong
    /// The project's own JSON with one object per layer.
    case jsonWide
    /// YAML with a mapping of formats to impacts per layer.
    case yaml
    /// Results of GGUF-Tool-Suite: CSV with one line per format, `QTYPE,…`.
    case ggufToolSuite
    /// Sensitivities of `mlx_lm.dynamic_quant`: JSON pairs of a path and a number.
    case mlxSensitivities
    /// A `measurement.json` of exllamav2.
    case exllamaMeasurement
    /// A `measurement.json` of exllamav3.
    case exllamaGroups

    /// What it is, with an article where it has one, as in "read as a Markdown table".
    public var description: String {
        switch self {
        case .seedMarkdown: "a sensitivity analysis in Markdown"
        case .markdownTable: "a Markdown table"
        case .csvLong: "CSV with one cell per line"
        case .csvWide: "CSV with one column per format"
        case .jsonLong: "JSON with one object per cell"
        case .jsonWide: "JSON with one object per layer"
        case .yaml: "YAML, layer, format, cost"
        case .ggufToolSuite: "divergences per tensor, as GGUF-Tool-Suite writes them"
        case .mlxSensitivities: "sensitivities per tensor, as mlx_lm.dynamic_quant writes them"
        case .exllamaMeasurement: "a measurement of exllamav2"
        case .exllamaGroups: "a measurement of exllamav3"
        }
    }

    /// Whether the table is read with the model's numbers of weights.
    ///
    /// The sensitivities of `mlx_lm.dynamic_quant` are per million weights, and a measurement of exllamav3 says how much larger a
    /// module becomes than one whose bits per weight are known.
    public var needsModel: Bool {
        switch self {
        case .mlxSensitivities, .exllamaGroups: true
        case .seedMarkdown, .markdownTable, .csvLong, .csvWide, .jsonLong, .jsonWide, .yaml, .ggufToolSuite,
            .exllamaMeasurement:
            false
        }
    }
}
