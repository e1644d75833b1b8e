public import Foundation

/// A model whose impacts follow its sizes so closely that bounds hardly separate plans: a search takes as long as it may.
public enum HardProblem {
    /// The options that name the two files.
    public static let arguments = ["--model", "m.json", "--impacts", "i.csv"]

    /// Writes the model as `m.json` and its table as `i.csv`.
    ///
    /// - Throws: What writing throws.
    public static func write(to folder: URL) throws {
        var generator = SeededGenerator(seed: 11)
        let formats = ["Q2_K", "Q3_K", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q6_K", "Q8_0"]
        let bits = [2.625, 3.4375, 4.5, 5, 5.5, 6, 6.5625, 8.5]
        var tensors: [String] = []
        var rows = "layer," + formats.joined(separator: ",") + "\n"
        for layer in 0..<300 {
            let height = Int.random(in: 16..<400, using: &generator)
            let width = Int.random(in: 16..<400, using: &generator) * 256
            tensors.append(#"{"name": "t\#(layer)", "shape": [\#(height), \#(width)]}"#)
            let cells = bits.map {
                "\(Double(height * width) * (16 - $0) / 1e8 * (1 + 1e-5 * Double.random(in: 0..<1, using: &generator)))"
            }
            rows += "t\(layer)," + cells.joined(separator: ",") + "\n"
        }
        let model = #"{"model": "hard", "tensors": ["# + tensors.joined(separator: ",\n") + "]}"
        try Data(model.utf8).write(to: folder.appendingPathComponent("m.json"))
        try Data(rows.utf8).write(to: folder.appendingPathComponent("i.csv"))
    }
}
