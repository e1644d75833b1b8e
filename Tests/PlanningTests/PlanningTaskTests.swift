import BitAllocation
import Planning
import Sensitivity
import Tensors
import Testing

@Suite struct PlanningTaskTests {
    private func model(_ layers: [(name: String, row: Int)]) throws -> LayeredModel {
        try LayerGrouping.perTensor.grouped(
            layers.map { try TensorInfo(name: $0.name, shape: [4, $0.row]) } + [
                TensorInfo(name: "norm", shape: [100])
            ]
        )
    }

    private func table(_ layers: [String], formats: [String], impact: Double = 1) throws -> ImpactTable {
        try ImpactTable(
            name: "table",
            formats: formats,
            layers: layers,
            cells: layers.map { _ in formats.map { _ in .impact(impact) } }
        )
    }

    private func task(
        _ layers: [(name: String, row: Int)],
        _ table: ImpactTable,
        formats: [QuantizationFormat]? = nil
    ) throws -> PlanningTask {
        try PlanningTask(
            model: model(layers),
            impacts: table,
            formats: formats,
            layout: FileLayout(headerBytes: 64, alignment: 32),
            budget: .max
        )
    }

    @Test("an option's size counts each tensor's padding, and what is kept is fixed")
    func countsPadding() throws {
        // 4 rows of one 32-block of 20 bytes are 80 bytes, padded to 96; the kept norm has 400 bytes, padded to 416.
        let task = try task([("a", 32)], table(["a"], formats: ["Q4_1"]))
        #expect(task.problem.optionBytes == [96, 256])
        #expect(task.problem.fixedBytes == 64 + 416)
        #expect(task.sourceBytes == 64 + 416 + 256)
        #expect(task.keptBytes == 400)
    }

    @Test("a format whose block does not divide a row falls out for that layer and is reported")
    func reportsUnfitFormats() throws {
        let task = try task([("a", 256), ("b", 288)], table(["a", "b"], formats: ["Q4_K", "Q8_0"]))
        #expect(task.unfitFormats.map { [$0.layer, $0.format] } == [["b", "Q4_K"]])
        #expect(task.problem.options(ofLayer: 0).count == 3)
        #expect(task.problem.options(ofLayer: 1).count == 2)
    }

    @Test("a layer that only the table or only the model has is an error that names it")
    func refusesMismatches() throws {
        let both = try table(["a", "b"], formats: ["Q8_0"])
        #expect(throws: PlanningError.layersWithoutTensors(["b"], modelLayers: ["a"])) {
            try task([("a", 32)], both)
        }
        let one = try table(["a"], formats: ["Q8_0"])
        #expect(throws: PlanningError.layersWithoutImpacts(["b"])) {
            try task([("a", 32), ("b", 32)], one)
        }
    }

    @Test(
        "formats that are unknown are left out and told, unless the table has no others; one that is asked for must be there"
    )
    func refusesUnknownFormats() throws {
        let strange = try table(["a"], formats: ["Q8_0", "Q9_9"])
        #expect(try task([("a", 32)], strange).unknownFormats == ["Q9_9"])
        let unknown = try table(["a"], formats: ["Q9_9"])
        #expect(throws: PlanningError.unknownFormat("Q9_9", table: "table")) {
            try task([("a", 32)], unknown)
        }
        #expect(try task([("a", 32)], strange, formats: [.q8_0]).problem.optionBytes.count == 2)
        #expect(
            throws: PlanningError.formatNotInTable("Q4_1", table: "table", known: ["Q8_0", "Q9_9"])
        ) { try task([("a", 32)], strange, formats: [.q4_1]) }
    }

    @Test("a table's own column for the source format is used as given")
    func usesTheSourceColumn() throws {
        let task = try task([("a", 32)], table(["a"], formats: ["BF16", "Q8_0"], impact: 0.5))
        #expect(task.problem.optionImpact == [0.5, 0.5])
        // What the table forbids stays forbidden, in the source format too.
        let forbidding = try ImpactTable(
            name: "table",
            formats: ["BF16", "Q8_0"],
            layers: ["a"],
            cells: [[.forbidden(.infinite), .impact(1)]]
        )
        #expect(try self.task([("a", 32)], forbidding).problem.optionImpact == [1])
    }
}
