public import BitAllocation
public import Planning
import Tensors
import Text

extension AssignedFormats {
    /// Why the table does not say what the formats cost, a clause per reason; none where it does.
    ///
    /// - Parameters:
    ///   - problem: The problem of the task that they were measured on.
    ///   - columns: The names of the table's columns, of which the task may have left some out.
    /// - Returns: Clauses such as `no column for Q6_K, which 61 layers have`.
    public func gapTexts(in problem: AllocationProblem, columns: [String]) -> [String] {
        var order: [Gap] = []
        var layers: [Gap: [Int]] = [:]
        for (layer, gap) in gaps.sorted(by: { $0.key < $1.key }) {
            let gap = gap.isSeveral ? .severalFormats([]) : gap
            if layers[gap] == nil { order.append(gap) }
            layers[gap, default: []].append(layer)
        }
        return order.map { gap in
            let indices = layers[gap] ?? []
            let names = LayerRanges(indices.map { problem.layerNames[$0] })
            return switch gap {
            case .noColumn(let format):
                (columns.contains { QuantizationFormat(named: $0)?.name == format }
                    ? "this plan may not take \(format)" : "the table has no column for \(format)")
                    + ", which \(Self.count(indices)) \(indices.count == 1 ? "has" : "have")"
            case .forbidden(let format): "\(format) is forbidden for \(names)"
            case .severalFormats:
                "the tensors of \(names) have several formats, and the table's cells are for one"
            }
        }
    }

    /// What the impact does not cover although the size does, a clause per pair of formats.
    public var keptTexts: [String] {
        var order: [String] = []
        var names: [String: [String]] = [:]
        for kept in keptOtherwise {
            let formats = "\(kept.found) where plans keep \(kept.planned)"
            if names[formats] == nil { order.append(formats) }
            names[formats, default: []].append(kept.tensor)
        }
        return order.map {
            "\(LayerRanges(names[$0] ?? [])) in \($0): the size counts that, the impact does not"
        }
    }

    /// The formats and how many layers have each, from the most layers: `150 Q4_K, 61 Q6_K`.
    public var formatsText: String { Self.text(layersByFormat) }

    /// The same for a list of formats, one per layer.
    public static func text(ofLayers formats: [String]) -> String {
        text(Dictionary(formats.map { ($0, 1) }, uniquingKeysWith: +))
    }

    private static func text(_ counts: [String: Int]) -> String {
        counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }
            .joined(separator: ", ")
    }

    private static func count(_ layers: [Int]) -> String {
        layers.count.of("layer")
    }
}

extension AssignedFormats.Gap {
    fileprivate var isSeveral: Bool {
        if case .severalFormats = self { true } else { false }
    }
}
