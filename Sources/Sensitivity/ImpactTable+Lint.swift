extension ImpactTable {
    /// What a person should know of the table: forbidden cells, inverted pairs, and what the reader passed
    /// over.
    ///
    /// Findings come in the order of the layers, within a layer forbidden cells first; what the reader met comes
    /// last, such as repeated keys and empty rows.
    /// A pair is inverted when both cells are impacts and the format with more bits has no less impact than
    /// the other; formats of unknown or equal size are not compared.
    ///
    /// - Parameter bitsPerWeight: The bits per weight of a format (Q8_0: 8.5), or nil if unknown.
    /// - Returns: The findings; none is fatal.
    public func lint(bitsPerWeight: (String) -> Double?) -> [ImpactFinding] {
        var missing: [String: Set<String>] = [:]
        for finding in readingFindings where finding.kind == .missing {
            if let layer = finding.layer {
                missing[layer, default: []].formUnion(finding.formats)
            }
        }
        let pairs = orderedPairs(bitsPerWeight: bitsPerWeight)

        var findings: [ImpactFinding] = []
        for (number, (layer, row)) in zip(layers, cells).enumerated() {
            for (column, (format, cell)) in zip(formats, row).enumerated() {
                guard case .forbidden(let reason) = cell else { continue }
                // A format without a size is not one of the layer's, and nobody misses it.
                if let byteCounts, byteCounts[number][column] == nil { continue }
                let kind: ImpactFinding.Kind
                switch reason {
                case .infinite: kind = .infinite
                case .blank: kind = missing[layer]?.contains(format) == true ? .missing : .blank
                }
                findings.append(ImpactFinding(layer: layer, formats: [format], kind: kind))
            }
            for (larger, smaller) in pairs {
                guard let largerImpact = row[larger].impact, let smallerImpact = row[smaller].impact,
                    largerImpact >= smallerImpact
                else { continue }
                let kind = ImpactFinding.Kind.inverted(
                    larger: formats[larger],
                    largerImpact: largerImpact,
                    smaller: formats[smaller],
                    smallerImpact: smallerImpact
                )
                findings.append(
                    ImpactFinding(layer: layer, formats: [formats[larger], formats[smaller]], kind: kind)
                )
            }
        }
        return findings + readingFindings.filter { $0.kind != .missing }
    }

    /// The columns of every two formats of which the first is larger, the smallest formats first.
    private func orderedPairs(bitsPerWeight: (String) -> Double?) -> [(larger: Int, smaller: Int)] {
        let sized = formats.enumerated()
            .compactMap { column, format in bitsPerWeight(format).map { (column: column, bits: $0) } }
            .sorted { ($0.bits, $0.column) < ($1.bits, $1.column) }
        var pairs: [(larger: Int, smaller: Int)] = []
        for (position, larger) in sized.enumerated() {
            for smaller in sized[..<position] where smaller.bits < larger.bits {
                pairs.append((larger.column, smaller.column))
            }
        }
        return pairs
    }
}
