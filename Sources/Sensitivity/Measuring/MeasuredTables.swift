/// Tables 1, 2 and 3 of a stack that was measured.
public struct MeasuredTables: Hashable, Sendable {
    /// A row of Tables 1 and 2.
    public struct Row: Hashable, Sendable {
        /// The state.
        public let state: HiddenState
        /// Table 1: the mean loss at the end, with the standard error of that mean; nil if it was not measured.
        public let sensitivity: Measurement?
        /// The number of samples behind ``sensitivity``.
        public let sampleCount: Int
        /// The number of draws behind ``sensitivity``, over all samples.
        public let drawCount: Int
        /// Table 2: the mean over the samples of the state's mean square; nil if it was not measured.
        public let meanSquare: Double?

        /// What one square root of loss in this state costs at the end: `S / sqrt(R)`; nil without both, or for `R` = 0.
        public var relativeSensitivity: Double? {
            guard let sensitivity, let meanSquare, meanSquare > 0 else { return nil }
            let relative = sensitivity.mean / meanSquare.squareRoot()
            return relative.isFinite ? relative : nil
        }
    }

    /// The name of the model.
    public let name: String
    /// Which streams the model carries where.
    public let shape: StackShape
    /// Tables 1 and 2: every state, from those that enter the model to those that leave it.
    ///
    /// The last rows, of the states that leave the model, are not on the seed's page; Table 3's last layer needs them.
    public let rows: [Row]
    /// Table 3; nil if no layer was cast.
    public let impacts: ImpactTable?

    /// The row of a state.
    public func row(of state: HiddenState) -> Row? {
        rows.first { $0.state == state }
    }

    /// Tables 1 and 2 as a profile, with the states that leave the model where they were measured.
    ///
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` if a state was not measured or is zero everywhere.
    public func profile() throws(SensitivityError) -> SensitivityProfile {
        var states: [Stream: [SensitivityProfile.State]] = [:]
        for row in rows where row.state.layer < shape.layerCount {
            guard let sensitivity = row.sensitivity, let meanSquare = row.meanSquare, meanSquare > 0 else {
                throw .unusableMeasurement(
                    "there is no loss at the end and positive mean square for \(row.state): measure every state"
                )
            }
            states[row.state.stream, default: []]
                .append(SensitivityProfile.State(sensitivity: sensitivity, meanSquare: meanSquare))
        }
        var end: [Stream: SensitivityProfile.State] = [:]
        for row in rows where row.state.layer == shape.layerCount {
            guard let sensitivity = row.sensitivity, let meanSquare = row.meanSquare, meanSquare > 0 else {
                continue
            }
            end[row.state.stream] = SensitivityProfile.State(sensitivity: sensitivity, meanSquare: meanSquare)
        }
        return SensitivityProfile(
            name: name,
            img: states[.img] ?? [],
            txt: states[.txt] ?? [],
            x: states[.x] ?? [],
            end: end
        )
    }
}

extension StackMeasurement {
    /// Turns what was measured into Tables 1, 2 and 3.
    ///
    /// Table 1's ± is the standard error over the samples, each of which counts with the mean of its draws: draws of one
    /// sample share what is particular to it, so that counting them as independent would make the ± too small. A
    /// single sample says nothing of that, and its ± is the standard error over its draws.
    ///
    /// Table 3 is `sqrt(L) · S / sqrt(R)` with the mean loss `L` over the samples, and `S` and `R` of the state after the
    /// layer: of the same stream, or of `x` where the streams are joined there, or of the state that leaves the model.
    /// `S` is a mean square, and the formula takes it to grow as the perturbation does. Where a model is close to linear it
    /// grows as the perturbation's square: the loss of a cast is then `S · (100 δ)²`, and its root, the amplitude,
    /// `sqrt(S) · 100 δ`. The table keeps to the formula of the published one, so that the two can be compared.
    ///
    /// A cast that was not finite for some sample is `inf`; one that was not measured is blank.
    ///
    /// - Parameter name: The name of the model and of the table of impacts.
    /// - Returns: The tables.
    /// - Throws: ``SensitivityError/unusableMeasurement(_:)`` where a layer was cast and the state after it was not
    ///   measured, and where values are so large that their squares run over.
    public func tables(named name: String) throws(SensitivityError) -> MeasuredTables {
        var rows: [MeasuredTables.Row] = []
        var relative: [HiddenState: Double] = [:]
        for state in shape.states {
            let record = states[state] ?? StateRecord()
            guard record.samples.isFinite, record.draws.isFinite, record.meanSquares.isFinite else {
                throw .unusableMeasurement(
                    "the values of \(state) are too large to be added: scale the model's states"
                )
            }
            let error = record.samples.count > 1 ? record.samples.standardError : record.draws.standardError
            let row = MeasuredTables.Row(
                state: state,
                sensitivity: record.samples.count > 0
                    ? Measurement(mean: record.samples.mean, spread: error) : nil,
                sampleCount: record.samples.count,
                drawCount: record.draws.count,
                meanSquare: record.meanSquares.count > 0 ? record.meanSquares.mean : nil
            )
            relative[state] = row.relativeSensitivity
            rows.append(row)
        }
        guard !casts.isEmpty else {
            return MeasuredTables(name: name, shape: shape, rows: rows, impacts: nil)
        }
        var cells: [[ImpactCell]] = []
        var names: [String] = []
        for (layer, stream) in shape.layers {
            names.append(shape.name(of: layer, stream: stream))
            var row: [ImpactCell] = []
            for format in formats {
                row.append(try cell(Cast(layer: layer, stream: stream, format: format), relative))
            }
            cells.append(row)
        }
        let table = try ImpactTable(
            name: name,
            formats: formats,
            layers: names,
            cells: cells,
            meaning: .tableThree
        )
        return MeasuredTables(name: name, shape: shape, rows: rows, impacts: table)
    }

    private func cell(
        _ cast: Cast,
        _ relative: [HiddenState: Double]
    ) throws(SensitivityError) -> ImpactCell {
        guard let record = casts[cast] else { return .forbidden(.blank) }
        guard record.infiniteCount == 0 else { return .forbidden(.infinite) }
        guard record.losses.count > 0 else { return .forbidden(.blank) }
        let state = shape.state(after: cast.layer, stream: cast.stream)
        guard let relative = relative[state] else {
            throw .unusableMeasurement(
                "\(shape.name(of: cast.layer, stream: cast.stream)) was cast, but the sensitivity and mean square of \(state) "
                    + "are not known: measure them"
            )
        }
        let impact = record.losses.mean.squareRoot() * relative
        guard impact.isFinite, record.losses.isFinite else {
            throw .unusableMeasurement(
                "the losses of casting \(shape.name(of: cast.layer, stream: cast.stream)) are too large to be added: "
                    + "scale the model's states"
            )
        }
        return .impact(impact)
    }
}
