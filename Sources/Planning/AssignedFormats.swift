import BitAllocation
public import Sensitivity
public import Tensors

/// What formats that somebody else chose, tensor by tensor, come to on a task: a finished file's, or a converter's own mix.
///
/// The size is exact. The impact is there only where the table has a cell for every layer.
public struct AssignedFormats: Hashable, Sendable {
    /// Why the table does not say what a layer costs.
    public enum Gap: Hashable, Sendable {
        /// The layer's tensors have these formats, and a cell is for one.
        case severalFormats([String])
        /// The layer has a format that the table has no column for.
        case noColumn(String)
        /// The layer has a format that its cell, or a block that does not divide its rows, forbids.
        case forbidden(String)
    }

    /// A tensor that every plan keeps in one format, and that has another one here.
    public struct KeptOtherwise: Hashable, Sendable {
        /// The tensor's name.
        public let tensor: String
        /// The format in which plans keep it.
        public let planned: QuantizationFormat
        /// The format that it has here.
        public let found: QuantizationFormat
    }

    /// The size of the whole file as the task lays it out, in bytes.
    public let bytes: Int
    /// The size of a file whose layers take as many bytes as these and whose kept tensors are as plans keep them, in
    /// bytes: the budget of the plan to compare with.
    public let comparableBytes: Int
    /// The combined impact of the layers, or nil where ``gaps`` has any.
    public let impact: Double?
    /// The options that come nearest, as indices into the problem's columns, one per layer; nil where ``gaps`` or ``untaken`` has any.
    ///
    /// Floating point formats that the table has no column for stand as the source format, at the source's impact.
    public let choices: [Int]?
    /// The formats that the table measures, and that no plan of the task may take, by name and each once, in the layers' order.
    public let untaken: [String]
    /// The layers that the table says nothing of, in the model's order, as indices, and why.
    public let gaps: [Int: Gap]
    /// The tensors that plans keep otherwise, in the model's order.
    public let keptOtherwise: [KeptOtherwise]
    /// How many layers have each format, by name; a layer of several formats counts in none.
    public let layersByFormat: [String: Int]
}

extension PlanningTask {
    /// Measures formats that somebody else chose.
    ///
    /// - Parameters:
    ///   - table: The table of the task, for formats that it has and that no plan of the task may take; nil for those of plans alone.
    ///   - format: The format of a tensor of the model, or nil where it stays as the source has it.
    /// - Returns: Its size, and its impact where the table has it.
    public func measuring(
        on table: ImpactTable? = nil,
        _ format: (TensorInfo) -> QuantizationFormat?
    ) -> AssignedFormats {
        var formats: [String: QuantizationFormat] = [:]
        for option in Set(problem.optionFormat) {
            let name = problem.formatNames[Int(option)]
            formats[name] = QuantizationFormat(named: name)
        }
        var byteCounts: [Int] = []
        var layerBytes = 0
        var choices: [Int] = []
        var impacts: [Double] = []
        var untaken: [String] = []
        var gaps: [Int: AssignedFormats.Gap] = [:]
        var layersByFormat: [String: Int] = [:]
        for (index, layer) in model.layers.enumerated() {
            let found = layer.tensors.map { format($0) ?? $0.elementType ?? sourceFormat }
            let counts = zip(layer.tensors, found).map { $1.byteCount(of: $0) ?? 0 }
            byteCounts += counts
            layerBytes += layout.dataSize(tensorByteCounts: counts)
            let distinct = Set(found)
            guard let own = distinct.first, distinct.count == 1 else {
                gaps[index] = .severalFormats(distinct.map(\.name).sorted())
                continue
            }
            layersByFormat[own.name, default: 0] += 1
            if let option = option(of: own, inLayer: index) {
                choices.append(option)
                impacts.append(problem.optionImpact[option])
            } else if let impact = table?.impact(ofLayer: layer.name, in: own), layer.fits(own) {
                impacts.append(impact)
                if !untaken.contains(own.name) { untaken.append(own.name) }
            } else {
                gaps[index] = formats[own.name] == nil ? .noColumn(own.name) : .forbidden(own.name)
            }
        }
        var keptOtherwise: [AssignedFormats.KeptOtherwise] = []
        for kept in model.kept {
            let found = format(kept.tensor) ?? kept.format
            byteCounts.append(found.byteCount(of: kept.tensor) ?? kept.bytes)
            if found != kept.format {
                keptOtherwise.append(
                    .init(tensor: kept.tensor.name, planned: kept.format, found: found)
                )
            }
        }
        return AssignedFormats(
            bytes: layout.fileSize(tensorByteCounts: byteCounts),
            comparableBytes: problem.fixedBytes + layerBytes,
            impact: gaps.isEmpty ? problem.combination.total(impacts) : nil,
            choices: gaps.isEmpty && untaken.isEmpty ? choices : nil,
            untaken: untaken,
            gaps: gaps,
            keptOtherwise: keptOtherwise,
            layersByFormat: layersByFormat
        )
    }

    /// The option of a layer in a format; of several the one of least impact, as of several columns of one format.
    private func option(of format: QuantizationFormat, inLayer layer: Int) -> Int? {
        func option(named name: String) -> Int? {
            problem.options(ofLayer: layer)
                .filter { problem.formatNames[Int(problem.optionFormat[$0])] == name }
                .min { problem.optionImpact[$0] < problem.optionImpact[$1] }
        }
        if let own = option(named: format.name) { return own }
        // A table that knows no scales has one column for both.
        if format.isScaled, let plain = option(named: format.elementFormat.name) { return plain }
        // What 16 bits or more lose of the source's floats is below what any table measures.
        let floats: [QuantizationFormat] = [.f32, .f16, .bf16]
        return floats.contains(format) && floats.contains(sourceFormat)
            ? option(named: sourceFormat.name) : nil
    }
}

extension ImpactTable {
    /// What a layer costs in a format, whatever the column is called; of several columns the least, nil where none allows it.
    func impact(ofLayer layer: String, in format: QuantizationFormat) -> Double? {
        guard let row = index(ofLayer: layer) else { return nil }
        return formats.indices.filter { QuantizationFormat(named: formats[$0]) == format }
            .compactMap { cells[row][$0].impact }.filter(\.isFinite).min()
    }
}

extension ModelLayer {
    fileprivate func fits(_ format: QuantizationFormat) -> Bool { tensors.allSatisfy(format.fits) }
}
