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
}
