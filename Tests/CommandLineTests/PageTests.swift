import Checkpoints
import Foundation
import TestSupport
import Testing

/// The pages that lead from a model to a program that loads it, run on small models with the same names.
@Suite struct PageTests {
    /// The lines of the program that a page shows in its fences, in order.
    private func commands(_ page: String) throws -> [[String]] {
        let path = "Sources/Conversion/Documentation.docc/\(page).md"
        var isInFence = false
        var commands: [[String]] = []
        for line in Examples.lines(of: path) {
            if line.hasPrefix("```") {
                isInFence = line == "```sh"
            } else if isInFence, line.hasPrefix("plan ") {
                commands.append(line.split(separator: " ").dropFirst().map(String.init))
            }
        }
        return commands
    }

    @Test(
        "the commands of each page work one after the other",
        arguments: ["FromFluxToComfyUI", "FromAModelToLlamaCpp"]
    )
    func works(page: String) throws {
        let folder = try ScratchFolder()
        try folder.write(QuantizeTests.smallFlux(prefix: ""), "flux1-dev.safetensors")
        try folder.write(WeightedModelFile(seed: 1).bytes, "model.gguf")
        try folder.write(ExampleFiles.smallNetwork(), "sdxl.safetensors")
        let commands = try commands(page)
        #expect(commands.count >= 3)
        for command in commands {
            let run = try ProgramRun.plan(command, in: folder.url)
            #expect(run.exitCode == 0, "\(command.joined(separator: " ")): \(run.errors)")
        }
        for name in Set(commands.flatMap { $0 }.filter { $0.hasSuffix(".gguf") }) {
            _ = try Model.read(path: folder.path(name))
        }
    }
}
