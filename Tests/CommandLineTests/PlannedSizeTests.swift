import Foundation
import Recipes
import TestSupport
import Testing

/// What `plan quantize` writes has the size that was planned, to the byte, whatever it writes.
@Suite struct PlannedSizeTests {
    /// The recipe that a run says it wrote.
    private func recipe(_ run: ProgramRun, in folder: ScratchFolder) throws -> Recipe {
        let path = try #require(run.output.firstMatch(of: /Recipe  (plans\/\S+)/)?.1, "\(run)")
        return try RecipeReader.read(path: folder.path(String(path)))
    }

    @Test(
        "a safetensors file for ComfyUI, with an odd or an even number of scales",
        arguments: [55, 65, 75, 85, 95]
    )
    func safetensors(percentage: Int) throws {
        let folder = try ScratchFolder()
        var file = SafetensorsBytes()
        for (index, name) in ["a", "b", "cé", "d", "e"].enumerated() {
            file.add(
                "\(name).weight",
                [64, 32 + 8 * index],
                drawnWeights(64 * (32 + 8 * index), seed: index)
            )
            file.add("\(name).bias", [64], drawnWeights(64, seed: 10 + index))
        }
        file.add("scale", "F32", [], SafetensorsBytes.bytes(of: Float(3).bitPattern))
        for index in 0..<9 { file.add("none \(index)", "F32", [0, 1_000_000 + index, 1_000_000], []) }
        try folder.write(file.bytes, "m.safetensors")
        let run = try folder.plan("quantize m.safetensors --budget \(percentage)% -o q.safetensors")
        #expect(run.exitCode == 0, "\(run.errors)")
        let bytes = try folder.data("q.safetensors")
        #expect(bytes.count == (try recipe(run, in: folder)).size.bytes)
        #expect(run.output.contains("bytes, ") && run.output.contains(", as planned"), "\(run.output)")
        // The header is JSON with spaces behind it, and the tensors fill the rest without a gap.
        let length = bytes.prefix(8).enumerated().reduce(0) { $0 | Int($1.element) << (8 * $1.offset) }
        let header = try #require(
            try JSONSerialization.jsonObject(with: bytes.dropFirst(8).prefix(length)) as? [String: Any]
        )
        #expect((header["scale"] as? [String: Any])?["shape"] as? [Int] == [])
        #expect(header.keys.count { $0.hasPrefix("none") } == 9)
        let offsets = header.values.compactMap { ($0 as? [String: Any])?["data_offsets"] as? [Int] }.sorted {
            ($0[0], $0[1]) < ($1[0], $1[1])
        }
        #expect(offsets.first?.first == 0 && offsets.last?.last == bytes.count - 8 - length)
        #expect(zip(offsets, offsets.dropFirst()).allSatisfy { $0[1] == $1[0] })
    }

    @Test("the files of tensors of a folder for MLX together", arguments: [0, 3])
    func folderForMLX(experts: Int) throws {
        let folder = try ScratchFolder()
        try HubFolder(seed: 3, expertCount: experts).write(to: folder.url.appendingPathComponent("hub"))
        let run = try folder.plan("quantize hub --budget 45% -o out/")
        #expect(run.exitCode == 0, "\(run.errors)")
        let size = try folder.data("out/model.safetensors").count
        #expect(size == (try recipe(run, in: folder)).size.bytes)
        #expect(run.output.contains(", as planned"), "\(run.output)")
    }

    @Test("a dry run says what writing takes, and nothing is written")
    func dryRun() throws {
        let folder = try ScratchFolder()
        try folder.write(WeightedModelFile(seed: 1).bytes, "m.gguf")
        #expect(try folder.plan("estimate m.gguf --formats Q4_0,Q8_0 -o i.csv").exitCode == 0)
        let run = try folder.plan("quantize m.gguf --budget 40% --impacts i.csv -o q.gguf --dry-run")
        #expect(
            run.output.contains(
                /Time +(about \d+ (s|min|h)|less than 1 s) on \d+ cores?, if the disk keeps up\n/
            )
        )
        #expect(run.output.contains(/Memory +about [0-9.]+ MB\n/))
        #expect(!folder.exists("q.gguf") && !folder.exists("plans"))
    }
}
