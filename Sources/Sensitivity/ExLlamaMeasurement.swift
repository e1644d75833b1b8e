import Tensors
import Text

/// Reads the `measurement.json` of exllamav2.
///
/// ```json
/// {
///   "measurement": {
///     "model.layers.0.self_attn": [
///       {"accuracy": 0.98, "total_bits": 151060480, "q_proj": {"bits": [4, 3], "bits_prop": [0.1, 0.9]}},
///       {"accuracy": 0.99, "total_bits": 176226304}
///     ],
///     "model.layers.0.mlp": [{"accuracy": 0.97, "total_bits": 403177472}],
///     "model.norm.norm": null
///   },
///   "last_module_idx": 65
/// }
/// ```
///
/// The shape was verified against `exllamav2/conversion/measure.py` and `optimize.py` of turboderp-org/exllamav2:
///
/// 1. `measurement`, an object with a member per module; the member's key becomes the layer.
/// 2. A module that is not quantized has `null` and is no layer.
/// 3. A module has an array of its options, in the order in which exllamav2 tried them; a parallel decoder an object
///    of two, `attn` and `mlp`, which become the layers `….attn` and `….mlp`.
/// 4. `accuracy`, a number from 0 to 1: one less the relative error of the module's output. The impact is
///    `1 - accuracy`, as in exllamav2's own optimizer. It is an amplitude: `test_error` takes the mean over the samples of
///    `‖y' − y‖ / ‖y‖` (Frobenius norms), the length of the error as a share of the output's.
/// 5. `total_bits`, the size of the module in bits; the table keeps it as ``ImpactTable/byteCounts``.
///
/// The name of a format is the option's number, `exl2-01` and so on: within one kind of module it stands for the same
/// parameters in every layer. Where ``ImpactImportOptions/parameterCounts`` has counts, it must have every layer's,
/// and the name is the number of bits per weight, such as `exl2-4.1319bpw`; of two options of a layer with the same
/// name the one with less impact counts, and the lint reports the other.
///
/// What is missing: the file does not say how large the model's other tensors are, and the parameters of an option
/// (`q_proj` and so on) are not read, so a plan names options and exllamav2 must look them up again.
enum ExLlamaMeasurement {
    static func table(
        _ measurement: JSONPlace,
        name: String,
        file: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTable {
        guard case .object(let modules) = measurement.node.value else {
            throw SensitivityError(
                measurement.unexpected("an object with a member per module"),
                ofTable: file
            )
        }
        var reader = Reader(file: file, parameterCounts: options.parameterCounts)
        var problems = ProblemList(file: file)
        for module in modules {
            let place = JSONPlace(module.value, at: .member(of: measurement.path, module.key))
            switch module.value.value {
            case .null: continue
            case .object(let parts):
                for part in parts {
                    _ = try problems.collect { () throws(SensitivityError) in
                        try reader.add(
                            JSONPlace(part.value, at: .member(of: place.path, part.key)),
                            layer: "\(module.key).\(part.key)",
                            line: part.line
                        )
                    }
                }
            default:
                _ = try problems.collect { () throws(SensitivityError) in
                    try reader.add(place, layer: module.key, line: module.line)
                }
            }
        }
        try problems.check()
        return try reader.table.table(name: name, findings: reader.findings, hasOwnSizes: true)
            .with(
                meaning: ImpactMeaning(
                    kind: .amplitude,
                    unit: "relative error of the module's output",
                    method: "measured"
                )
            )
    }

    /// An option of a module.
    private struct Option {
        let number: Int
        let impact: Double
        let bitCount: Int
        let line: Int
    }

    private struct Reader {
        let file: String
        let parameterCounts: [String: Int]
        var table: SparseTable
        var findings: [ImpactFinding] = []
        private var lines: [String: Int] = [:]

        init(file: String, parameterCounts: [String: Int]) {
            self.file = file
            self.parameterCounts = parameterCounts
            table = SparseTable(file: file, repetition: .refused)
        }

        /// Adds the options of a module.
        mutating func add(_ place: JSONPlace, layer: String, line: Int) throws(SensitivityError) {
            let position = TextPosition(file: file, line: line)
            if let first = lines.updateValue(line, forKey: layer) {
                throw position.error(.layerTwice(layer, firstLine: first))
            }
            let elements = try SensitivityError.ofTable(file) { () throws(JSONError) in
                try place.elements()
            }
            guard !elements.isEmpty else {
                throw SensitivityError(place.error("has no options; give an object for each"), ofTable: file)
            }
            let row = try table.row(ofLayer: layer, line: line)
            var named: [(format: String, option: Option)] = []
            var indices: [String: Int] = [:]
            for (index, element) in elements.enumerated() {
                let option = try option(element, number: index + 1)
                let format = try format(of: option, layer: layer, line: line)
                guard let earlier = indices[format] else {
                    indices[format] = named.count
                    named.append((format, option))
                    continue
                }
                let (better, worse) =
                    option.impact < named[earlier].option.impact
                    ? (option, named[earlier].option) : (named[earlier].option, option)
                named[earlier].option = better
                findings.append(
                    ImpactFinding(
                        layer: layer,
                        formats: [format],
                        kind: .sameBits(option: worse.number, as: better.number)
                    )
                )
            }
            for (format, option) in named {
                let column = try table.column(ofFormat: format, spelling: format, line: option.line)
                // A bit more than a byte's worth takes the whole byte.
                let byteCount = option.bitCount / 8 + (option.bitCount.isMultiple(of: 8) ? 0 : 1)
                try table.add(
                    .impact(option.impact),
                    row: row,
                    column: column,
                    line: option.line,
                    byteCount: byteCount
                )
            }
        }

        private func option(_ place: JSONPlace, number: Int) throws(SensitivityError) -> Option {
            let members = try TableObject(place, file: file)
            let accuracy = try members.value("accuracy")
            let bits = try members.value("total_bits")
            guard case .number(let text) = accuracy.node.value else {
                throw members.unexpected(accuracy, "a number from 0 to 1")
            }
            let position = TextPosition(file: file, line: accuracy.node.line)
            let value = try CellText.number(text[...], at: position)
            guard value <= 1 else { throw members.unexpected(accuracy, "a number from 0 to 1") }
            guard case .number(let bitText) = bits.node.value, let count = Double(bitText), count >= 1,
                let bitCount = Int(exactly: count.rounded(.up))
            else { throw members.unexpected(bits, "a number of bits above 0") }
            return Option(number: number, impact: 1 - value, bitCount: bitCount, line: members.line)
        }

        private func format(
            of option: Option,
            layer: String,
            line: Int
        ) throws(SensitivityError) -> String {
            guard !parameterCounts.isEmpty else {
                return option.number < 10 ? "exl2-0\(option.number)" : "exl2-\(option.number)"
            }
            guard let count = parameterCounts[layer], count > 0 else {
                throw TextPosition(file: file, line: line).error(.noParameterCount(layer: layer))
            }
            return "exl2-\(Self.fourDecimals(Double(option.bitCount) / Double(count)))bpw"
        }

        /// A number that is not negative, to four decimals.
        private static func fourDecimals(_ number: Double) -> String {
            guard let scaled = Int(exactly: (number * 10_000).rounded()) else { return "\(number)" }
            let fraction = String(scaled % 10_000)
            return "\(scaled / 10_000)." + String(repeating: "0", count: 4 - fraction.count) + fraction
        }
    }
}
