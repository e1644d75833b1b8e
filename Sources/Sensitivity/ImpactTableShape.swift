/// How an impact table is written down.
public enum ImpactTableShape: String, Hashable, Sendable, CaseIterable {
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
}
