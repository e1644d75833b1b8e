/// Which block of a model a tensor is in, read from its name: `blk.3` of `blk.3.attn_q.weight`, `model.layers.3` of
/// `model.layers.3.self_attn.q_proj.weight`.
package struct BlockName: Hashable, Sendable {
    /// What stands before the number: blocks with the same are one after the other.
    package let tower: String
    /// The number, counted from 0.
    package let number: Int

    /// What lists of blocks are called in GGUF files and in the modules of transformers' models.
    private static let words: Set<Substring> = ["blk", "layers", "h", "blocks", "block", "layer"]

    /// Reads the outermost block of a name; nil where it names none.
    package init?(ofTensor name: String) {
        let parts = name.split(separator: ".", omittingEmptySubsequences: false)
        for (place, next) in parts.dropFirst().enumerated() where Self.words.contains(parts[place]) {
            guard let number = Int(next), number >= 0 else { continue }
            tower = parts[...place].joined(separator: ".")
            self.number = number
            return
        }
        return nil
    }

    /// The names of the modules around the list of blocks, the outermost first.
    var surroundings: [Substring] { tower.split(separator: ".").dropLast() }

    /// Whether a tensor is one of a block that predicts tokens further ahead, whose result the output does not read.
    static func looksAhead(_ name: String) -> Bool {
        name.split(separator: ".").contains { $0 == "nextn" || $0 == "eh_proj" }
    }
}
