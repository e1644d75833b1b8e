import Checkpoints
import Sensitivity
import Tensors
import Testing

@testable import Estimation

@Suite("From errors to impacts")
struct EstimatedImpactsTests {
    private func estimate(_ name: String, rows: Int, signal: Double, _ errors: [(Double, Double)?])
        -> TensorEstimate
    {
        TensorEstimate(
            tensor: name,
            rowCount: rows,
            measuredRows: rows,
            plain: OutputErrors(
                signal: EstimatedSum(value: signal, standardError: 0),
                errors: errors.map { $0.map { EstimatedSum(value: $0.0, standardError: $0.1) } }
            )
        )
    }

    /// Layers named by what stands before the dot, of tensors with so many rows.
    private func grouped(_ rows: KeyValuePairs<String, Int>) throws -> LayeredModel {
        try LayerGrouping(name: "test", keeps: [], rules: [.init("*.*", layer: "{1}")])
            .grouped(rows.map { try TensorInfo(name: $0.key, shape: [$0.value, 32]) })
    }

    @Test("a layer's loss is the sum of its tensors' errors per output element, its impact the root")
    func amplitude() throws {
        let impacts = try EstimatedImpacts(
            [
                "a.q": estimate("a.q", rows: 4, signal: 400, [(8, 0.8), nil, nil]),
                "a.k": estimate("a.k", rows: 2, signal: 50, [(14, 0.6), (1, 0), nil]),
                "b.q": estimate("b.q", rows: 1, signal: 0, [(0, 0), (0.25, 0), nil]),
            ],
            formats: ["Q4_0", "Q8_0", "Q2_K"],
            model: grouped(["a.q": 4, "a.k": 2, "b.q": 1]),
            scale: .amplitude
        )
        #expect(impacts.layers == ["a", "b"])
        // Q2_K fits no layer, and is no column.
        #expect(impacts.formats == ["Q4_0", "Q8_0"])
        let cell = try #require(impacts.cells[0][0])
        let loss = try #require(cell.loss)
        #expect(loss.value == 9)
        #expect(abs(loss.standardError - (0.2 * 0.2 + 0.3 * 0.3).squareRoot()) < 1e-15)
        #expect(cell.impact.value == 3)
        #expect(abs(cell.impact.standardError - loss.standardError / 6) < 1e-15)
        #expect(impacts.cells[0][1] == nil)
        #expect(impacts.cells[1].map { $0?.impact.value } == [0, 0.5])
        let table = try impacts.table(named: "t")
        #expect(table.cell(layer: "a", format: "Q8_0") == .forbidden(.blank))
        #expect(table.impact(layer: "b", format: "Q8_0") == 0.5)
    }

    @Test("relative impacts are shares of the output; a layer of zeros has none")
    func relative() throws {
        let impacts = try EstimatedImpacts(
            [
                "a.q": estimate("a.q", rows: 4, signal: 400, [(16, 0)]),
                "b.q": estimate("b.q", rows: 4, signal: 0, [(0, 0)]),
            ],
            formats: ["Q4_0"],
            model: grouped(["a.q": 4, "b.q": 4]),
            scale: .relative
        )
        #expect(impacts.cells.map { $0[0]?.impact.value } == [0.2, 0])
        let table = try impacts.table(named: "t")
        #expect(table.meaning.kind == .amplitude)
        #expect(table.meaning.description == "amplitudes (relative error; weights only, uncalibrated)")
    }

    @Test("the shares of a layer's tensors add, whatever their sizes, and the table says so")
    func sharesAdd() throws {
        let estimates = [
            "a.q": estimate("a.q", rows: 4, signal: 400, [(16, 0)]),
            "a.k": estimate("a.k", rows: 4, signal: 4, [(0.36, 0)]),
        ]
        func impact(_ scale: EstimatedImpacts.Scale) throws -> (value: Double, meaning: ImpactMeaning) {
            let impacts = try EstimatedImpacts(
                estimates,
                formats: ["Q4_0"],
                model: grouped(["a.q": 4, "a.k": 4]),
                scale: scale
            )
            return (try #require(impacts.cells[0][0]).impact.value, impacts.meaning)
        }
        let (added, meaning) = try impact(.relative)
        #expect(abs(added - (0.04 + 0.09).squareRoot()) < 1e-15)
        #expect(meaning.method == "weights only, uncalibrated; shares of tensors added")
        // As tables of earlier versions have it, which are summed anew from a file in the same way.
        let (pooled, earlier) = try impact(.pooled)
        #expect(abs(pooled - (16.36 / 404).squareRoot()) < 1e-15)
        for (meaning, value) in [(meaning, added), (earlier, pooled)] {
            let rule = EstimatedImpacts.rule(unit: meaning.unit, method: meaning.method, profile: nil)
            let tensors = ["a.q", "a.k"].compactMap { estimates[$0] }
            let summed = try EstimatedImpacts.impact(
                ofLayer: "a",
                tensors,
                scale: try #require(rule).scale,
                norm: .unweighted,
                output: nil
            )
            #expect(summed == value)
        }
    }

    @Test(
        "relative impacts count every input the same, absolute ones as large as it is, unless a norm is chosen"
    )
    func norms() throws {
        func errors(_ signal: Double, _ error: Double) -> OutputErrors {
            OutputErrors(
                signal: EstimatedSum(value: signal, standardError: 0),
                errors: [EstimatedSum(value: error, standardError: 0)]
            )
        }
        let estimates = [
            "a.q": TensorEstimate(
                tensor: "a.q",
                rowCount: 1,
                measuredRows: 1,
                plain: errors(64, 4),
                weighted: errors(256, 64)
            ),
            // An embedding is looked up; of the other nothing is known.
            "token_embd.weight": estimate("token_embd.weight", rows: 1, signal: 64, [(1, 0)]),
            "c.q": estimate("c.q", rows: 1, signal: 64, [(1, 0)]),
        ]
        let model = try grouped(["a.q": 1, "token_embd.weight": 1, "c.q": 1])
        let matrix = ImportanceReference(name: "some/folder/i.gguf", digest: "fnv1a64:00")
        func impacts(_ scale: EstimatedImpacts.Scale, _ norm: ErrorNorm?) throws -> EstimatedImpacts {
            try EstimatedImpacts(
                estimates,
                formats: ["Q4_0"],
                model: model,
                scale: scale,
                norm: norm,
                importance: matrix
            )
        }
        func values(_ impacts: EstimatedImpacts) -> [Double?] { impacts.cells.map { $0[0]?.impact.value } }
        #expect(try values(impacts(.relative, nil)) == [0.25, 0.125, 0.125])
        #expect(try values(impacts(.relative, .weighted)) == [0.5, 0.125])
        // Of the embedding the same share of the only other output.
        #expect(try values(impacts(.amplitude, nil)) == [8, 2])
        #expect(try impacts(.amplitude, nil).unweightedLayers == ["c"])
        #expect(try impacts(.amplitude, .unweighted).unweightedLayers.isEmpty)
        #expect(try values(impacts(.amplitude, .unweighted)) == [2, 1, 1])
        #expect(try impacts(.relative, nil).meaning.importance?.name == "i.gguf")
        #expect(try impacts(.relative, nil).meaning.unit == "relative error")
        #expect(try impacts(.relative, .weighted).meaning.unit == "relative error, inputs weighted")
    }

    @Test("a profile weighs a loss as Table 3 does")
    func profile() throws {
        let profile = try SensitivityProfile.fluxDev
        // The loss that the seed gives for Q4_1 in layer 0, and the impact in its Table 3.
        let loss = 0.0009957239963114262
        let names = ["layer00.img", "layer18.txt", "layer55.x", "layer56.x"]
        let model = try LayerGrouping(name: "test", keeps: [], rules: [.init("*", layer: "{0}")])
            .grouped(names.map { try TensorInfo(name: $0, shape: [4, 32]) })
        let impacts = try EstimatedImpacts(
            Dictionary(
                uniqueKeysWithValues: names.map { ($0, estimate($0, rows: 4, signal: 1, [(4 * loss, 0)])) }
            ),
            formats: ["Q4_1"],
            model: model,
            scale: .profile(profile)
        )
        let values = impacts.cells.map { $0[0]?.impact.value ?? 0 }
        // Within what the four decimals of Table 1 allow.
        #expect(abs(values[0] / 0.463829066281221 - 1) < 1e-5)
        // Both streams of the last double block enter x; after the last layer the value before it is taken.
        #expect(values[1] == loss.squareRoot() * (try profile.relativeSensitivity(before: 19, stream: .x)))
        #expect(values[2] == loss.squareRoot() * (try profile.relativeSensitivity(before: 56, stream: .x)))
        #expect(values[3] == values[2])
        #expect(throws: EstimationError.layerNotInProfile(layer: "a", profile: profile.name)) {
            try EstimatedImpacts(
                ["a.q": estimate("a.q", rows: 4, signal: 1, [(1, 0)])],
                formats: ["Q4_1"],
                model: grouped(["a.q": 4]),
                scale: .profile(profile)
            )
        }
    }

    @Test("missing tensors are listed, and a model that no format fits is an error")
    func refusals() throws {
        #expect(throws: EstimationError.incomplete(missing: ["a.k"], total: 2)) {
            try EstimatedImpacts(
                ["a.q": estimate("a.q", rows: 1, signal: 1, [(1, 0)])],
                formats: ["Q4_0"],
                model: grouped(["a.q": 1, "a.k": 1]),
                scale: .amplitude
            )
        }
        #expect(throws: EstimationError.otherShape(tensor: "a.q")) {
            try EstimatedImpacts(
                ["a.q": estimate("a.q", rows: 2, signal: 1, [(1, 0)])],
                formats: ["Q4_0"],
                model: grouped(["a.q": 1]),
                scale: .amplitude
            )
        }
        #expect(throws: EstimationError.impacts("no format fits a layer of the model; name others")) {
            try EstimatedImpacts(
                ["a.q": estimate("a.q", rows: 1, signal: 1, [nil])],
                formats: ["Q4_0"],
                model: grouped(["a.q": 1]),
                scale: .amplitude
            )
        }
    }
}
