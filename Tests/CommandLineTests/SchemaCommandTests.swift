import Foundation
import TestSupport
import Tensors
import Testing

/// What `plan schema` prints, held against what the commands print.
@Suite struct SchemaCommandTests {
    private let folder: ScratchFolder

    init() throws {
        folder = try ScratchFolder()
    }

    private func save(_ name: String, _ arguments: [String], exitCode: Int32 = 0) throws {
        let run = try ProgramRun.plan(arguments, in: folder.url)
        #expect(run.exitCode == exitCode, "\(arguments): \(run.errors)")
        try folder.write(run.output, name)
    }

    private static let language = "--model m.gguf --impacts m.csv --overhead 1MiB --margin 0"
    private static let devices =
        "--context 1k --device gpu=19MiB,900MB/s --device cpu=64MiB,50MB/s"

    /// Outputs of a command: its arguments, and the exit code that goes with them.
    private static let outputs: [(schema: String, runs: [(arguments: String, exitCode: Int32)])] = [
        (
            "recipe",
            [
                ("--budget 9GB -o -", 0), ("--max-impact 3 -o -", 0),
                ("--budget 9GB --converter stable-diffusion.cpp -o -", 0),
                ("--budget 10GB --slowdown 1.3 --costs costs.csv -o -", 0),
            ]
        ),
        (
            "compare",
            [
                ("compare --budgets 1GB,8GB,9GB", 0), ("compare --budgets 8GB,9GB --nested", 0),
                ("compare --budgets 8GB,9GB --changes", 0), ("compare --budgets 8GB --changes", 0),
                ("compare --budgets 9GB --with other.json", 0),
                ("compare --budgets 60% --model m.gguf --impacts m.csv --changes --with m.gguf", 0),
                ("compare --card 12GB --runtime comfyui-gguf", 0),
                ("compare \(language) --card 24MiB --contexts 1k,2k,900k --kv f16,q8_0,q8_0/q4_0", 0),
                ("compare \(language) \(devices) --min-speeds 10,100000", 0),
                ("compare \(language) --context 1k --device gpu=30MiB", 0),
            ]
        ),
        (
            "frontier",
            [
                ("frontier --points 5 --with other.json", 0), ("frontier --max-formats 2 --points 3", 0),
                ("frontier --model m.gguf --impacts m.csv --points 5 --with m.gguf", 0),
                ("frontier \(language) \(devices) --points 3", 0),
            ]
        ),
        (
            "explain",
            [
                ("explain layer05.txt --budget 9GB", 0),
                ("explain layer05.txt --budget 9GB --combine max", 0),
                ("explain layer18.txt --budget 9GB --at-most *.txt=Q8_0", 0), ("explain --budget 9GB", 0),
                ("explain --budget 6GB", 2),
                ("explain \(language) \(devices)", 0),
                ("explain \(language) \(devices) --at-most blk.1.*=Q6_K blk.1.ffn_up.weight", 0),
                ("explain \(language) \(devices) token_embd.weight", 0),
            ]
        ),
        (
            "check",
            [("check other.json", 0), ("check wrong.json", 1), ("check other.json m.gguf", 1)]
        ),
    ]

    @Test(
        "whatever a command prints as JSON is described by its schema, member by member",
        arguments: outputs
    )
    func describesOutputs(schema: String, runs: [(arguments: String, exitCode: Int32)]) throws {
        let file = try LanguageModelFile()
        try folder.write(
            file.bytes(more: [
                "embedding_length": 256, "feed_forward_length": 512, "context_length": 8_192,
            ]),
            "m.gguf"
        )
        try folder.write(file.table([.q4_K, .q6_K, .q8_0]), "m.csv")
        try folder.write(
            "format,cost\nQ4_1,1.2\nQ5_1,1.3\nfloat8_e4m3fn,1.1\nQ8_0,1.1\nBF16,1\n",
            "costs.csv"
        )
        try save("other.json", ["--budget", "8GB", "-o", "-"])
        let recipe = try folder.text("other.json")
        try folder.write(
            recipe.replacing("\"optimal\"", with: "\"feasible\"").replacing("\"Q5_1\"", with: "\"Q8_0\""),
            "wrong.json"
        )
        try save("schema", ["schema", schema])
        for (index, run) in runs.enumerated() {
            var arguments = run.arguments.split(separator: " ").map(String.init)
            if schema != "recipe" { arguments += ["--format", "json"] }
            try save("output-\(index)", arguments, exitCode: run.exitCode)
        }
        // Held to the letter, where a later version's additions would be passed over: a member that is not described is found.
        let script = """
            import copy, json, sys
            import jsonschema
            schema = json.load(open("schema"))
            assert schema["$id"] == "urn:plan:schema:" + sys.argv[1] + ":1"
            jsonschema.Draft202012Validator.check_schema(schema)
            lenient = jsonschema.Draft202012Validator(schema)
            def close(node):
                if isinstance(node, dict):
                    if "properties" in node and "additionalProperties" in node:
                        node["additionalProperties"] = False
                    for value in node.values(): close(value)
                elif isinstance(node, list):
                    for value in node: close(value)
            closed = copy.deepcopy(schema)
            close(closed)
            strict = jsonschema.Draft202012Validator(closed)
            def objects(node):
                if isinstance(node, dict):
                    if node: yield node
                    for value in node.values(): yield from objects(value)
                elif isinstance(node, list):
                    for value in node: yield from objects(value)
            rows = 0
            for index in range(int(sys.argv[2])):
                document = json.load(open(f"output-{index}"))
                strict.validate(document)
                for place in list(objects(document))[:40]:
                    rows += 1
                    place["addedLater"] = 1
                    assert lenient.is_valid(document), place
                    assert not strict.is_valid(document), place
                    del place["addedLater"]
            assert rows > 2
            """
        let python = ProcessInfo.processInfo.environment["PLAN_PYTHON"] ?? "python3"
        let run = try ProgramRun.run(
            URL(fileURLWithPath: "/usr/bin/env"),
            [python, "-c", script, schema, "\(runs.count)"],
            in: folder.url
        )
        #expect(run.exitCode == 0, "\(run.errors) (Scripts/test installs what this needs)")
    }

    @Test(
        "without a name the recipe's schema is printed, as the repository has it, and another name is an error"
    )
    func recipe() throws {
        let run = try ProgramRun.plan(["schema"], in: folder.url)
        let file = packageRoot.appendingPathComponent("Sources/Recipes/Schema/recipe-v1.schema.json")
        #expect(try run.exitCode == 0 && run.output == String(contentsOf: file, encoding: .utf8))
        let other = try ProgramRun.plan(["schema", "solve"], in: folder.url)
        #expect(other.exitCode == 64)
        #expect(other.errors.contains("recipe") && other.errors.contains("frontier"))
    }
}
