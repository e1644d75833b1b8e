import Tensors
import Text

/// Reads the `measurement.json` of exllamav3.
///
/// ```json
/// {
///   "base": {"dir": "m-2bpw", "bpw": 2.03},
///   "alts": [{"dir": "m-4bpw", "bpw": 4.02}, {"dir": "m-6bpw", "bpw": 6.01}],
///   "groups": [
///     {"idx": 0, "layers": ["model.layers.0.self_attn.q_proj", "model.layers.0.self_attn.k_proj"],
///      "candidates": [{"dkld": -0.0031, "dbits": 33554432}, {"dkld": -0.0040, "dbits": 67108864}]}
///   ],
///   "base_kld": 0.213, "arch_string": "LlamaForCausalLM"
/// }
/// ```
///
/// The shape was verified against `exllamav3/conversion/measure_model.py` and `optimize_model.py` of turboderp-org/exllamav3:
///
/// 1. Several quantized copies of one model were made. The first is the base, and `alts` are the others, with the bits per
///    weight of each.
/// 2. `groups`, an array. A group's `layers` are modules that take one copy together; it becomes the layer that lists what
///    they are called, `model.layers.0.self_attn:q_proj+k_proj`.
/// 3. `candidates`, one for each of `alts`. `dkld` is by how much the Kullback-Leibler divergence of the base's end from the
///    unquantized model's changes where the group alone is taken from that copy, in nats per token; it is negative where the
///    copy is better, and chance may make it positive. `dbits` is by how many bits the group becomes larger.
///
/// Impacts are losses that add: a cell is how far the copy is above the best one of its group, the base's change being 0, so that
/// none is negative and differences within a layer are as measured. The whole lacks the same constant in every plan.
///
/// The name of a format is the bits per weight of its copy, `exl3-4.02bpw`, or its number where two copies have the same. The file
/// does not say how large a group is in the base: where ``ImpactImportOptions/parameterCounts`` has counts, it must have every
/// module's, and the base takes the bits per weight that the file gives for it; without counts a size is what a copy takes beyond
/// the smallest.
enum ExLlamaGroups {
    static func table(
        _ members: TableObject,
        name: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTable {
        let file = members.file
        let groups = try members.objects("groups")
        var bits = [try TableObject(try members.value("base"), file: file).signedNumber("bpw")]
        for alternative in try members.objects("alts") {
            bits.append(try alternative.signedNumber("bpw"))
        }
        let formats = names(of: bits)
        var table = SparseTable(file: file, repetition: .refused)
        var lines: [String: Int] = [:]
        var problems = ProblemList(file: file)
        for group in groups {
            _ = try problems.collect { () throws(SensitivityError) in
                let group = try Group(group, alternatives: bits.count - 1)
                if let first = lines.updateValue(group.line, forKey: group.layer) {
                    throw TextPosition(file: file, line: group.line)
                        .error(.layerTwice(group.layer, firstLine: first))
                }
                let sizes = try group.byteCounts(baseBits: bits[0], options.parameterCounts, file: file)
                let row = try table.row(ofLayer: group.layer, line: group.line)
                let best = group.changes.min() ?? 0
                for (option, format) in formats.enumerated() {
                    let column = try table.column(ofFormat: format, spelling: format, line: group.line)
                    try table.add(
                        .impact(group.changes[option] - best),
                        row: row,
                        column: column,
                        line: group.line,
                        byteCount: sizes[option]
                    )
                }
            }
        }
        try problems.check()
        return try table.table(name: name, findings: [], hasOwnSizes: true)
            .with(
                meaning: ImpactMeaning(
                    kind: .loss,
                    unit: "KL divergence, nats per token above the best copies'",
                    method: "measured"
                )
            )
    }

    /// The modules of one decision, with what each copy changes; the base comes first, and changes nothing.
    private struct Group {
        let layer: String
        let modules: [String]
        let line: Int
        var changes: [Double] = [0]
        var addedBits: [Double] = [0]

        init(_ members: TableObject, alternatives: Int) throws(SensitivityError) {
            line = members.line
            let list = try members.value("layers")
            modules = try members.strings("layers")
            guard !modules.contains(""), let layer = ListedModules.name(of: modules) else {
                throw members.unexpected(list, "the names of one module or more")
            }
            self.layer = layer
            let candidates = try members.objects("candidates")
            guard candidates.count == alternatives else {
                let place = try members.value("candidates")
                throw SensitivityError(
                    place.error(
                        "has \(candidates.count); give one for each of the \(alternatives) alternatives"
                    ),
                    ofTable: members.file
                )
            }
            for candidate in candidates {
                changes.append(try candidate.signedNumber("dkld"))
                addedBits.append(try candidate.signedNumber("dbits"))
            }
        }

        /// The sizes of the copies, in bytes.
        func byteCounts(
            baseBits: Double,
            _ counts: [String: Int],
            file: String
        ) throws(SensitivityError) -> [Int] {
            var base = -(addedBits.min() ?? 0)
            if !counts.isEmpty {
                base = 0
                for module in modules {
                    guard let count = counts[module] else {
                        throw TextPosition(file: file, line: line).error(.noParameterCount(layer: module))
                    }
                    base += baseBits * Double(count)
                }
            }
            var sizes: [Int] = []
            for added in addedBits {
                guard let bytes = Int(exactly: ((base + added) / 8).rounded(.up)), bytes >= 0 else {
                    throw TextPosition(file: file, line: line).error(
                        .unexpectedValue(
                            "'dbits' of \(layer.quoted) makes no size",
                            expected: "by how many bits the layer becomes larger"
                        )
                    )
                }
                sizes.append(bytes)
            }
            return sizes
        }
    }

    /// The names of the copies: their bits per weight, or their numbers where two have the same.
    private static func names(of bits: [Double]) -> [String] {
        let names = bits.map { "exl3-\(hundredths($0))bpw" }
        guard Set(names).count < names.count else { return names }
        return bits.indices.map { $0 == 0 ? "exl3-base" : "exl3-\($0)" }
    }

    /// A number to two decimals.
    private static func hundredths(_ number: Double) -> String {
        guard let scaled = Int(exactly: (abs(number) * 100).rounded()) else { return "\(number)" }
        let fraction = scaled % 100
        return "\(scaled / 100).\(fraction < 10 ? "0" : "")\(fraction)"
    }
}
