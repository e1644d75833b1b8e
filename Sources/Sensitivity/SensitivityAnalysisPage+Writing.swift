public import Text

extension SensitivityAnalysisPage {
    private static let heading = "# Sensitivity Analysis"
    private static let firstTable = "#### Table 1"

    /// Whether a file holds a page in the shape of ``markdown``.
    ///
    /// - Parameter file: The file.
    /// - Returns: Whether it does.
    public static func isPage(_ file: InspectedFile) -> Bool {
        file.beginning.hasPrefix(heading) && file.beginning.contains(firstTable)
    }

    /// The page in Markdown, in the shape in which ``init(markdown:name:)`` reads it back as the same value.
    ///
    /// Numbers have as many digits as it takes to read the same number back.
    public var markdown: String {
        var lines = [
            Self.heading, "",
            "## Final hidden state wrt earlier hidden states", "",
            "The loss at the end when the hidden states before a layer are perturbed: the mean, and its spread.",
            "",
            Self.firstTable, "",
            "|perturb hidden states before layer|MSE loss at the end|MSE loss at the end|MSE loss at the end|",
            "|-|-|-|-|",
            "|states perturbed|img|txt|x|",
        ]
        lines += profileRows {
            "\($0.sensitivity.mean.shortestDecimal) +/- \($0.sensitivity.spread.shortestDecimal)"
        }
        lines += [
            "", "## Magnitude of components", "", "The mean square of the hidden states before a layer.", "",
            "#### Table 2", "",
            "|layer|MS(img)|MS(txt)|MS(x)|",
            "|-|-|-|-|",
        ]
        lines += profileRows { $0.meanSquare.shortestDecimal }
        lines += [
            "", "## Relative Importance", "",
            "The impact of casting a layer, `sqrt(L) * S / sqrt(R)`, with the loss `L` in the layer's output.",
            "",
            "#### Table 3", "",
            "|layer|" + impacts.formats.joined(separator: "|") + "|",
            "|-|" + impacts.formats.map { _ in "-|" }.joined(),
        ]
        for (layer, cells) in zip(impacts.layers, impacts.cells) {
            let texts = cells.map { cell in
                switch cell {
                case .impact(let impact): impact.shortestDecimal
                case .forbidden(.infinite): "inf"
                case .forbidden(.blank): ""
                }
            }
            lines.append("|\(layer)|\(texts.joined(separator: "|"))|")
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private func profileRows(_ text: (SensitivityProfile.State) -> String) -> [String] {
        (0..<profile.layerCount).map { layer in
            if layer < profile.joinLayer {
                "|\(layer)|\(text(profile.state(.img, layer)))|\(text(profile.state(.txt, layer)))||"
            } else {
                "|\(layer)|||\(text(profile.state(.x, layer)))|"
            }
        }
    }
}
