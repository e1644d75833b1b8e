public import BitAllocation
public import Sensitivity
public import Tensors

/// A model's layers and an impact table joined into a problem: what each layer may become, at what exact size and cost.
public struct PlanningTask: Sendable {
    /// A format that falls out for a layer because its block does not divide a row of one of the layer's tensors.
    public struct UnfitFormat: Hashable, Sendable {
        /// The layer's name.
        public let layer: String
        /// The format's name.
        public let format: String
    }

    /// The problem to solve; its budget may be changed.
    public var problem: AllocationProblem
    /// The layers, in the same order as the problem's, and the tensors that are kept.
    public let model: LayeredModel
    /// The format the model comes in, which costs nothing.
    public let sourceFormat: QuantizationFormat
    /// The layout of the finished file.
    public let layout: FileLayout
    /// The formats that fell out, by layer.
    public let unfitFormats: [UnfitFormat]
    /// The table's columns for formats whose size is not known, which are left out.
    public let unknownFormats: [String]
    /// The table's rows for what is kept, which no plan decides about, in the table's order.
    public let keptRows: [String]
    /// The layers that the table has no row for, whose format is given, in the model's order; their impact counts as 0.
    public let unmeasuredLayers: [String]
    /// The layers that are no part of the plan as they are kept in a format which loses something, and what the table says of that.
    public internal(set) var keptCosts: [KeptCost] = []

    /// What a layer that is kept in a format costs by the table.
    public struct KeptCost: Hashable, Sendable {
        /// The layer's name.
        public let layer: String
        /// Its tensors.
        public let tensors: [String]
        /// The table's impact of the layer in the format that it is kept in.
        public let impact: Double
    }

    /// Joins a model and a table.
    ///
    /// Every layer may stay in the source format, at impact 0 unless the table has a column for it. Cells that are
    /// infinite or blank forbid their option. Sizes are those of the file: each tensor padded to the layout's alignment.
    /// A table with `byteCounts` brings sizes along, and its options are all that there are.
    ///
    /// - Parameters:
    ///   - model: The model's layers and kept tensors.
    ///   - impacts: The table; it must have a row for every layer, and may have rows for what is kept.
    ///   - formats: The formats that may be used, or `nil` for all of the table's; the source format always may.
    ///   - sourceFormat: The format the model comes in.
    ///   - stayingFormat: The format in which a layer costs nothing, or `nil` where no format is; without it, that is the
    ///     type of the layer's own tensors where they have one, and else the source format.
    ///   - given: The formats of layers that are given, for which the table need not have a row.
    ///   - layout: The layout of the finished file.
    ///   - budget: The most bytes that the finished file may have.
    ///   - combination: How impacts combine.
    /// - Throws: ``PlanningError`` for layers that only the model or only the table has, formats that the table does not
    ///   have or whose size is not known, and whatever makes the problem malformed.
    public init(
        model: LayeredModel,
        impacts: ImpactTable,
        formats: [QuantizationFormat]? = nil,
        sourceFormat: QuantizationFormat = .bf16,
        stayingFormat: ((ModelLayer) -> QuantizationFormat?)? = nil,
        given: [String: QuantizationFormat] = [:],
        layout: FileLayout,
        budget: Int,
        combination: ImpactCombination = .sum
    ) throws(PlanningError) {
        let rows = model.layers.map { impacts.index(ofLayer: $0.name) }
        let unplanned = Self.unplanned(impacts.layers, besides: rows)
        try Self.checkNames(unplanned, of: impacts, model)
        guard !model.layers.isEmpty else {
            throw .allocation(
                .invalidProblem("there is no layer to decide about: every tensor is kept as it is")
            )
        }
        let unlisted = zip(model.layers, rows).filter { $1 == nil }.map(\.0.name)
        let undecided = unlisted.filter { given[$0] == nil }
        guard undecided.isEmpty else { throw .layersWithoutImpacts(undecided) }

        let columns =
            impacts.byteCounts == nil
            ? try Self.columns(of: impacts, allowed: formats, sourceFormat: sourceFormat) : []
        let known = impacts.formats.compactMap(QuantizationFormat.init(named:))
        var unfit: [UnfitFormat] = []
        var options = ProblemColumns(layers: model.layers.count, options: columns.count + 1)
        for (layer, row) in zip(model.layers, rows) {
            guard let row else {
                guard let format = given[layer.name] else { continue }
                guard let bytes = layer.byteCount(in: format, layout: layout) else {
                    throw .rowsTooShort(layer: layer.name, format: format.name, rows: layer.rowLengths)
                }
                options.append(format.name, bytes: bytes, impact: 0)
                options.endLayer(layer.name)
                continue
            }
            Self.appendColumns(columns, of: impacts.cells[row], for: layer, layout, to: &options, &unfit)
            if let byteCounts = impacts.byteCounts {
                // What such a table measured is all that there is: the source format is no option of its program.
                for option in try Self.measuredOptions(impacts, row: row, byteCounts[row], formats, layout) {
                    options.append(option.format, bytes: option.bytes, impact: option.impact)
                }
            } else if let stays = stayingFormat.map({ $0(layer) })
                ?? (layer.ownFormat(sourceFormat: sourceFormat) ?? sourceFormat),
                // A table that says what the format costs, or that it is forbidden, is taken at its word.
                !known.contains(stays), let bytes = layer.byteCount(in: stays, layout: layout)
            {
                options.append(stays.name, bytes: bytes, impact: 0)
            }
            options.endLayer(layer.name)
        }
        let kept = layout.dataSize(tensorByteCounts: model.kept.map(\.bytes))
        problem = try PlanningError.wrapping { () throws(AllocationError) in
            try AllocationProblem(
                columns: options,
                fixedBytes: kept + layout.headerBytes,
                budget: budget,
                combination: combination
            )
        }
        self.model = model
        self.sourceFormat = sourceFormat
        self.layout = layout
        unfitFormats = unfit
        unknownFormats =
            impacts.byteCounts == nil
            ? impacts.formats.filter { !(QuantizationFormat(named: $0)?.isWeightFormat ?? false) } : []
        keptRows = unplanned
        unmeasuredLayers = unlisted
    }

    /// Refuses a table with layers that the model does not have; the error says what would make them fit.
    ///
    /// - Parameters:
    ///   - unplanned: The table's layers that are none of the planned ones; those that are kept are no error.
    ///   - impacts: The table.
    ///   - model: The model.
    /// - Throws: ``PlanningError/layersNamedOtherwise(_:change:ignoringCase:)`` and
    ///   ``PlanningError/layersWithoutTensors(_:modelLayers:)``.
    private static func checkNames(
        _ unplanned: [String],
        of impacts: ImpactTable,
        _ model: LayeredModel
    ) throws(PlanningError) {
        let keptNames = unplanned.isEmpty ? [] : Set(model.keptLayers + model.kept.map(\.tensor.name))
        let unknown = unplanned.filter { !keptNames.contains($0) }
        guard !unknown.isEmpty else { return }
        // A table may name layers by the rules of another grouping, such as tensors.
        let own = Set(model.layers.map(\.name) + model.layers.flatMap { $0.tensors.map(\.name) })
        let names = own.union(keptNames).sorted()
        if let change = impacts.nameChange(toFit: names) {
            throw .layersNamedOtherwise(unknown, change: change.description, ignoringCase: false)
        }
        let change = impacts.nameChangeIgnoringCase(toFit: names)
        if change != nil || impacts.lettersFitting(names) != nil {
            throw .layersNamedOtherwise(unknown, change: change?.description, ignoringCase: true)
        }
        throw .layersWithoutTensors(unknown, modelLayers: model.layers.map(\.name))
    }

    /// Adds the options of a layer by the table's columns, and notes the formats that do not fit its rows.
    private static func appendColumns(
        _ columns: [(index: Int, format: QuantizationFormat)],
        of cells: [ImpactCell],
        for layer: ModelLayer,
        _ layout: FileLayout,
        to options: inout ProblemColumns,
        _ unfit: inout [UnfitFormat]
    ) {
        for column in columns {
            // A table of the layer's own weights has no cell where the block does not divide the rows.
            guard let bytes = layer.byteCount(in: column.format, layout: layout) else {
                unfit.append(UnfitFormat(layer: layer.name, format: column.format.name))
                continue
            }
            guard let impact = cells[column.index].impact else { continue }
            options.append(column.format.name, bytes: bytes, impact: impact)
        }
    }

    /// The layers of a table that stand in none of some rows.
    private static func unplanned(_ layers: [String], besides rows: [Int?]) -> [String] {
        var isPlanned = [Bool](repeating: false, count: layers.count)
        for case let row? in rows { isPlanned[row] = true }
        return zip(layers, isPlanned).filter { !$1 }.map(\.0)
    }

    /// The options of a layer whose sizes the table brings along.
    private static func measuredOptions(
        _ impacts: ImpactTable,
        row: Int,
        _ byteCounts: [Int?],
        _ formats: [QuantizationFormat]?,
        _ layout: FileLayout
    ) throws(PlanningError) -> [AllocationProblem.Option] {
        if let format = formats?.first {
            throw .formatNotInTable(format.name, table: impacts.name, known: impacts.formats)
        }
        var options: [AllocationProblem.Option] = []
        for (column, name) in impacts.formats.enumerated() {
            guard let impact = impacts.cells[row][column].impact, let bytes = byteCounts[column] else {
                continue
            }
            options.append(.init(format: name, bytes: layout.paddedByteCount(bytes), impact: impact))
        }
        return options
    }

    /// The table's columns that may be used, with their formats.
    private static func columns(
        of impacts: ImpactTable,
        allowed: [QuantizationFormat]?,
        sourceFormat: QuantizationFormat
    ) throws(PlanningError) -> [(index: Int, format: QuantizationFormat)] {
        var columns: [(index: Int, format: QuantizationFormat)] = []
        for (index, name) in impacts.formats.enumerated() {
            guard let format = QuantizationFormat(named: name), format.isWeightFormat else {
                continue
            }
            if let allowed, format != sourceFormat, !allowed.contains(format) { continue }
            columns.append((index, format))
        }
        if columns.isEmpty, allowed == nil, let name = impacts.formats.first {
            throw .unknownFormat(name, table: impacts.name)
        }
        for format in allowed ?? [] where format != sourceFormat {
            guard columns.contains(where: { $0.format == format }) else {
                throw .formatNotInTable(format.name, table: impacts.name, known: impacts.formats)
            }
        }
        return columns
    }

    /// The bytes of the kept tensors, unpadded.
    public var keptBytes: Int {
        model.kept.reduce(0) { $0 + $1.bytes }
    }

    /// The size of the file with every layer as it is in the source, in bytes.
    public var sourceBytes: Int {
        var sum = 0
        for layer in model.layers {
            for tensor in layer.tensors {
                sum = layout.dataSize(
                    sum,
                    and: (tensor.elementType ?? sourceFormat).byteCount(of: tensor) ?? 0
                )
            }
        }
        return problem.fixedBytes + sum
    }

    /// The bytes of tensor data under a plan, without header and alignment: planned and kept tensors.
    public func tensorBytes(of plan: AllocationPlan) -> Int {
        dataBytes(in: plan).reduce(keptBytes, +)
    }

    /// The bytes of each layer's tensors under a plan, without alignment, in the order of the layers.
    public func dataBytes(in plan: AllocationPlan) -> [Int] {
        let formats = problem.formatNames.map(QuantizationFormat.init(named:))
        return model.layers.indices.map { layer in
            let choice = plan.choices[layer]
            // A format that is not known has the size that the table gave it, in a file without padding.
            return formats[Int(problem.optionFormat[choice])].flatMap {
                model.layers[layer].byteCount(in: $0)
            }
                ?? problem.optionBytes[choice]
        }
    }
}
