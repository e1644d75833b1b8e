import Tensors
import Text

/// Reads the sensitivities that `mlx_lm.dynamic_quant` writes, `<model>_sensitivities.json`.
///
/// ```json
/// [["model.layers.0.self_attn.q_proj", 0.0123], ["model.layers.0.mlp.down_proj", 0.0042]]
/// ```
///
/// The shape was verified against `mlx_lm/quant/dynamic_quant.py` of ml-explore/mlx-lm:
///
/// 1. The whole is an array of pairs.
/// 2. A pair's first element is the path of a weight without its `.weight`; it becomes the layer.
/// 3. Its second is the estimated gain, in Kullback-Leibler divergence, of casting the weight to the format of more
///    bits instead of that of fewer, **per million weights** (`alignment / param_size`).
///
/// The file names neither format (mlx_lm's defaults are 4 and 5 bits in groups of 64), so the caller must:
/// ``ImpactImportOptions/lowFormat`` gets the gain as its impact and ``ImpactImportOptions/highFormat`` 0. Where
/// ``ImpactImportOptions/parameterCounts`` has counts, it must have every layer's, and the gain is multiplied by the
/// millions of weights, which makes impacts of different layers comparable; without them it is used as it is, and
/// the lint says so. A gain below zero, which an estimate from gradients may be, is read as 0 and reported.
///
/// Its impacts are losses: `loss_fn` is the mean of the divergence over tokens, and the gain is the change of it to first
/// order, the product of its gradient and the difference of the two casts.
enum MLXSensitivities {
    static func table(
        _ elements: [JSONNode],
        name: String,
        file: String,
        options: ImpactImportOptions
    ) throws(SensitivityError) -> ImpactTable {
        guard let low = options.lowFormat, let high = options.highFormat else {
            throw .formatsNotNamed(file: file)
        }
        let isPerMillion = options.parameterCounts.isEmpty
        var findings = [ImpactFinding(layer: nil, formats: [high], kind: .reference(gainOver: low))]
        if isPerMillion {
            findings.append(ImpactFinding(layer: nil, formats: [], kind: .perMillionWeights))
        }
        var layers: [String] = []
        var lines: [String: Int] = [:]
        var cells: [[ImpactCell]] = []
        var problems = ProblemList(file: file)
        for (index, element) in elements.enumerated() {
            let position = TextPosition(file: file, line: element.line)
            let (layer, number) = try pair(element, number: index + 1, at: position)
            if let first = lines.updateValue(element.line, forKey: layer) {
                throw position.error(.layerTwice(layer, firstLine: first))
            }
            let read = try problems.collect { () throws(SensitivityError) in
                try MeasuredValue(number.text[...], at: TextPosition(file: file, line: number.line))
            }
            guard let measured = read else { continue }
            if measured.isBelowZero {
                findings.append(
                    ImpactFinding(layer: layer, formats: [low], kind: .belowZero(written: number.text))
                )
            }
            var gain = measured.value
            if !isPerMillion {
                guard let count = options.parameterCounts[layer], count > 0 else {
                    throw position.error(.noParameterCount(layer: layer))
                }
                gain *= Double(count) / 1e6
                guard gain.isFinite else { throw position.error(.outOfRange(number.text)) }
            }
            layers.append(layer)
            cells.append([.impact(gain), .impact(0)])
        }
        try problems.check()
        return try ImpactTable(
            name: name,
            formats: [low, high],
            layers: layers,
            cells: cells,
            meaning: ImpactMeaning(
                kind: .loss,
                unit: "KL divergence, nats per token" + (isPerMillion ? " and million weights" : ""),
                method: "gradients to first order"
            ),
            readingFindings: findings
        )
    }

    /// The layer of an entry, and its number with the line that it stands on.
    private static func pair(
        _ element: JSONNode,
        number: Int,
        at position: TextPosition
    ) throws(SensitivityError) -> (layer: String, number: (text: String, line: Int)) {
        guard case .array(let pair) = element.value, pair.count == 2,
            case .string(let layer) = pair[0].value, case .number(let text) = pair[1].value
        else {
            throw position.error(
                .unexpectedValue("entry \(number) is no pair", expected: "a path and a number")
            )
        }
        if let problem = TableName.problem(inLayer: layer) { throw position.error(problem) }
        return (layer, (text, pair[1].line))
    }
}
