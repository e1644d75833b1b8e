import Foundation
import Quantization
import Tensors
import TestSupport

/// The files that the commands in helps and documents name, small, in a folder that is made once.
///
/// Models have the names and shapes of what they stand for, cut down; tables, recipes and quantized files are made of them by the program.
enum ExampleFiles {
    /// What no test can have at hand: files of FLUX.1-dev's full size, split files, captures and what others measured.
    static let absent: Set<String> = [
        "flux1-dev-Q4_1.gguf", "flux1-dev-Q8_0.gguf", "flux1-dev-mixed.gguf", "missing.gguf",
        "capture-*.safetensors", "more/*.safetensors", "captures/*.safetensors",
        "capture.safetensors", "tables.json", "casting-cost.yaml", "sensitivity.md", "losses.csv",
        "m-00001-of-00002.gguf", "Llama-3.2-1B-5bpw/", "Llama-3.2-1B-5bpw", "plans/Llama-3.2-1B-5bpw.json",
        "model-00001-of-00003.gguf",
    ]

    /// Puts the files into a folder, those that no command changes as links.
    ///
    /// - Parameters:
    ///   - folder: A folder that is there.
    ///   - command: The command that is to be run with them: `recipe.json` and `llama.csv` are of the model that it is about.
    /// - Throws: What making them threw.
    static func provide(in folder: URL, for command: String) throws {
        let source = try made.get().url
        let manager = FileManager.default
        func copy(_ name: String, as other: String) throws {
            try manager.copyItem(
                at: source.appendingPathComponent(name),
                to: folder.appendingPathComponent(other)
            )
        }
        for name in try manager.contentsOfDirectory(atPath: source.path) {
            // What a command is to write is not there yet.
            if command.hasSuffix(" -o " + name) || command.contains(" -o \(name) ") { continue }
            // The recipe for stable-diffusion.cpp is of the published model.
            if name.contains("-mixed"), command.contains("stable-diffusion.cpp") { continue }
            if name.hasSuffix(".gguf") && !command.contains("--update \(name)")
                || name.hasSuffix(".safetensors")
            {
                try manager.linkItem(
                    at: source.appendingPathComponent(name),
                    to: folder.appendingPathComponent(name)
                )
            } else {
                try copy(name, as: name)
            }
        }
        let isOfSmallFlux = command.contains("flux1-dev-mixed")
        let isOfLanguageModel = command.contains("m.gguf") || command.contains("model.gguf")
        if command.contains("--recipe r.json --imatrix") {
            try manager.removeItem(at: folder.appendingPathComponent("r.json"))
            try copy("with-matrix.json", as: "r.json")
        }
        try copy(
            isOfSmallFlux && !command.contains("stable-diffusion.cpp")
                ? "flux1-dev.json" : isOfLanguageModel ? "r.json" : "dev.json",
            as: "recipe.json"
        )
        try copy(command.contains("mixed-mlx") ? "Llama-3.2-1B-impacts.csv" : "i.csv", as: "llama.csv")
    }

    private static let made = Result { try make() }

    private struct Failed: Error, CustomStringConvertible {
        let description: String
    }

    /// The bytes of a network of SDXL's names, in rows that no K format divides.
    static func smallNetwork() -> [UInt8] {
        var network = SafetensorsBytes()
        for (name, shape) in [
            ("label_emb.0.0", [64, 320]), ("input_blocks.4.1.proj_in", [64, 320]),
            ("input_blocks.4.1.proj_out", [320, 64]), ("middle_block.1.proj_in", [64, 640]),
        ] {
            let values = (0..<shape[0] * shape[1]).map { Float(($0 * 37) % 101) / 101 - 0.5 }
            network.add(name + ".weight", shape, values)
        }
        return network.bytes
    }

    private static func make() throws -> ScratchFolder {
        let folder = try ScratchFolder()
        func plan(_ words: String) throws {
            let run = try ProgramRun.plan(words.split(separator: " ").map(String.init), in: folder.url)
            guard run.exitCode == 0 else { throw Failed(description: "plan \(words): \(run.errors)") }
        }
        func write(_ bytes: [UInt8], _ names: String...) throws {
            for name in names { try folder.write(bytes, name) }
        }
        try FileManager.default.copyItem(
            at: packageRoot.appendingPathComponent("plans"),
            to: folder.url.appendingPathComponent("plans")
        )
        for (name, size) in [("mine.json", 10), ("dev.json", 9), ("schnell.json", 12)] {
            try FileManager.default.copyItem(
                atPath: folder.path("plans/flux1-dev-\(size)GB.json"),
                toPath: folder.path(name)
            )
        }

        // Few rows: every format is measured on every weight, in a debug build as well.
        let language = LanguageModelFile(
            tensors: try LanguageModelFile().tensors.map { tensor throws(TensorError) in
                let shape = tensor.shape.count == 1 ? tensor.shape : [8, tensor.shape[1]]
                return try TensorInfo(name: tensor.name, shape: shape, elementType: tensor.elementType)
            }
        )
        let bytes = language.drawnBytes(
            seed: 1,
            more: ["embedding_length": 256, "feed_forward_length": 512, "context_length": 65_536]
        )
        try write(bytes, "m.gguf", "model.gguf", "model-f16.gguf", "llama-BF16.gguf", "mmproj.gguf")
        try write(language.bytes { $0.dimensionCount > 1 ? .q8_0 : nil }, "m-Q8_0.gguf", "llama-Q4_K_M.gguf")
        let flux = try QuantizeTests.smallFlux(prefix: "")
        try write(flux, "f.safetensors", "flux1-dev.safetensors", "model.safetensors")
        try write(smallNetwork(), "sdxl.safetensors")
        try plan("quantize sdxl.safetensors --budget 200% -o sdxl-16bit.gguf")
        let hub = HubFolder(seed: 1)
        try hub.write(to: folder.url.appendingPathComponent("Llama-3.2-1B"))
        try hub.write(to: folder.url.appendingPathComponent("llama"))
        let inventory = language.tensors.map { #"{"name": "\#($0.name)", "shape": \#($0.shape)}"# }
        let text = #"{"model": "m", "tensors": [\#(inventory.joined(separator: ", "))]}"#
        try write(Array(text.utf8), "m.json", "model.json")

        let matrices = language.tensors.filter { $0.dimensionCount == 2 }
        var random = SeededGenerator(seed: 2)
        func draws(_ count: Int, _ range: Range<Float>) -> [Float] {
            (0..<count).map { _ in Float.random(in: range, using: &random) }
        }
        var gradients = GradientsBytes()
        var importance = SafetensorsBytes.bytes(of: Int32(matrices.count))
        for matrix in matrices {
            let columns = draws(matrix.shape[1], 0.1..<1)
            gradients.add(matrix.name, rows: draws(matrix.shape[0], 0..<1e-3), columns: columns)
            importance += SafetensorsBytes.bytes(of: Int32(matrix.name.utf8.count)) + Array(matrix.name.utf8)
            importance +=
                SafetensorsBytes.bytes(of: Int32(1)) + SafetensorsBytes.bytes(of: Int32(columns.count))
            importance += columns.flatMap { SafetensorsBytes.bytes(of: $0.bitPattern) }
        }
        try write(gradients.bytes, "g.gguf", "gradients.gguf")
        try write(importance, "i.gguf", "imatrix.gguf")
        try folder.write(String(repeating: "One sentence is as good as another. ", count: 400), "text.txt")
        try folder.write(folder.text("text.txt"), "t.txt")
        try folder.write(
            "import sys, zlib\nprint('loss', zlib.crc32(open(sys.argv[1], 'rb').read()) / 2**40, '\u{b1} 0.001')\n",
            "score.py"
        )
        for name in ["bin", "build/bin"] {
            try FileManager.default.createDirectory(
                at: folder.url.appendingPathComponent(name),
                withIntermediateDirectories: true
            )
            _ = try folder.script(perplexity, name + "/llama-perplexity")
        }

        // A sample of rows, so that the table has the standard errors that --robust draws from.
        try plan("estimate m.gguf --rows 50% -o i.csv")
        for name in ["impacts.csv", "table.csv", "model-impacts.csv", "model-f16-impacts.csv"] {
            try FileManager.default.copyItem(atPath: folder.path("i.csv"), toPath: folder.path(name))
        }
        try plan("estimate Llama-3.2-1B -o Llama-3.2-1B-impacts.csv")
        try plan("estimate model.gguf --errors model-errors-1.jsonl -o all.csv")
        try folder.write(
            "layer,format,loss\nblk.0.attn_q.weight,Q4_0,0.02\nblk.1.ffn_down.weight,Q4_0,0.05\n",
            "model-losses.csv"
        )
        try folder.write(folder.text("model-losses.csv"), "model-f16-losses.csv")
        let pairs = hub.tensors.filter { $0.shape.count == 2 }.enumerated().map { place, tensor in
            #"["\#(tensor.name.dropLast(".weight".count))", \#(Double(place * 7 % 5 + 1) / 100)]"#
        }
        try folder.write("[\(pairs.joined(separator: ", "))]", "s.json")
        try folder.write(
            "format,cost\nBF16,1\nQ8_0,1.1\nfloat8_e4m3fn,1\nQ5_1,1.4\nQ4_1,1.3\n",
            "costs.csv"
        )
        let blocks = (0..<57).map { "\($0),\(1 / Double($0 + 2)),\(0.1 / Double($0 + 3))\n" }.joined()
        try folder.write("layer,Q4_1,Q8_0\n" + blocks, "blocks.csv")
        try plan("impacts flux1-dev-table3 -o flux.csv")
        let lines = try folder.text("flux.csv").split(separator: "\n")
        try folder.write(
            lines.map {
                $0.hasPrefix("#") ? "\($0)\n" : $0.hasPrefix("layer,") ? "\($0),IQ4_KS\n" : "\($0),0.3\n"
            }
            .joined(),
            "t.csv"
        )

        try plan("--budget 40% --model m.gguf --impacts i.csv -o r.json")
        try plan("--budget 40% --model model.gguf --impacts i.csv -o plans/model-40percent.json")
        try plan("--budget 45% --model model.gguf --impacts i.csv -o larger.json")
        try plan("--budget 40% --model m.json --impacts i.csv --converter none -o own.json")
        try plan("--budget 40% --model m.gguf --impacts i.csv --imatrix i.gguf -o with-matrix.json")
        try plan("--budget 60% --model flux1-dev.safetensors --impacts flux1-dev-table3 -o other.json")
        try plan("--budget 10GB --slowdown 1.3 --costs costs.csv -o slow.json")
        try plan("--budget 40% --model flux1-dev.safetensors --impacts flux1-dev-table3 -o flux1-dev.json")
        try plan("quantize model.gguf --recipe plans/model-40percent.json -o model-40percent.gguf")
        try plan("quantize model.gguf --recipe larger.json -o mixed.gguf")
        try plan("quantize flux1-dev.safetensors --recipe flux1-dev.json -o flux1-dev-mixed.gguf")
        try plan("quantize Llama-3.2-1B --budget 5bpw --impacts Llama-3.2-1B-impacts.csv -o mixed-mlx/")
        return folder
    }

    /// A program with the options of llama-perplexity: it writes a base, or prints a loss.
    private static let perplexity = """
        while [ $# -gt 0 ]; do
            case $1 in
            -m) model=$2 ;;
            --kl-divergence-base) base=$2 ;;
            --kl-divergence) isLoss=1 ;;
            esac
            shift
        done
        if [ -z "$isLoss" ]; then
            echo base > "$base"
        else
            echo "Mean    KLD:   0.02$(cksum < "$model" | cut -d ' ' -f 1) ± 0.001000"
        fi
        """
}
