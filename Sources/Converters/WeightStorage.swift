import Tensors

/// How a finished file holds a weight that a converter wrote in a format: its own tensor, and the tensors beside it.
public struct WeightStorage: Hashable, Sendable {
    /// A tensor beside a weight, such as its scale.
    public struct Companion: Hashable, Sendable {
        /// How much a companion holds.
        public enum Extent: Hashable, Sendable {
            /// One element for each group of the weight's rows.
            case perGroup
            /// One element.
            case single
            /// Whatever the writer needs.
            case any
        }

        /// What its name has in place of the weight's `weight`, with the dot: `.scales`.
        let ending: String
        /// The names of the types that it may have.
        let types: [String]
        /// How much it holds.
        let extent: Extent
        /// Whether a weight is of no use without it.
        let isRequired: Bool
    }

    /// How elements are packed into words of 32 bits.
    struct Packing: Hashable, Sendable {
        /// The bits of an element.
        let bits: Int
        /// The elements that share a scale.
        let group: Int
    }

    /// The name of the type of the weight's own tensor.
    let type: String
    /// How its elements are packed, or nil where each stands for itself.
    let packing: Packing?
    /// What stands beside it, in the order in which it is checked.
    let companions: [Companion]

    /// A weight alone in a format that the file's own types name.
    static func plain(_ type: String) -> WeightStorage {
        WeightStorage(type: type, packing: nil, companions: [])
    }

    /// The name of a companion, or nil for a tensor that is no module's weight.
    static func companionName(of weight: String, ending: String) -> String? {
        weight.hasSuffix(".weight") ? weight.dropLast(".weight".count) + ending : nil
    }

    /// The name of the weight that a tensor stands beside, or the name itself where it is a weight.
    static func weightName(of name: String) -> String {
        name.lastIndex(of: ".").map { name[..<$0] + ".weight" } ?? name
    }

    /// Whether a weight and its scales have the shapes that this packing gives.
    ///
    /// - Parameters:
    ///   - weight: The shape of the packed weight, rows of 32-bit words.
    ///   - scales: The shape of its scales, one for each group of a row.
    ///   - original: The shape of the model's weight, or nil where it is not known; then only the ratio of the two counts.
    /// - Returns: Whether they do; always for weights that are not packed.
    func fits(weight: [Int], scales: [Int], original: [Int]?) -> Bool {
        guard let packing else { return true }
        guard let words = weight.last, let groups = scales.last, weight.dropLast() == scales.dropLast() else {
            return false
        }
        // A row is less than 2^56 words long, so that its bits can be counted.
        let (bits, remainder) = (words * 32).quotientAndRemainder(dividingBy: packing.bits * packing.group)
        guard remainder == 0, bits == groups else { return false }
        guard let original else { return true }
        guard let row = original.last, original.dropLast() == weight.dropLast() else { return false }
        return row % packing.group == 0 && row / packing.group == groups
    }
}
