import BitAllocation
import Checkpoints
import Runtimes
import Sensitivity
import Tensors
import TestSupport

@testable import Planning

/// A network of two layers in blocks 0 and 1 on a host and a card, and a plan of it that is made by hand.
///
/// A token reads 4 MB of the host at 100 MB/s and 6 MB of the card at 1 GB/s: 0.046 s, or 21.74 tokens a second.
struct DeviceFixture {
    let task: PlanningTask
    let devices: LlamaCppDevices

    init(hostBytes: Int = 64 << 30) throws {
        let tensors = [
            try TensorInfo(name: "token_embd.weight", shape: [300, 256], elementType: .bf16),
            try TensorInfo(name: "blk.0.ffn_up.weight", shape: [256, 256], elementType: .bf16),
            try TensorInfo(name: "blk.1.ffn_up.weight", shape: [256, 256], elementType: .bf16),
        ]
        let folder = try ScratchFolder()
        let path = try folder.write(
            LanguageModelFile(tensors: tensors).bytes(more: [
                "embedding_length": 256, "feed_forward_length": 512, "context_length": 2_048,
            ]),
            "m.gguf"
        )
        let model = try Model.read(path: path)
        let table = try ImpactTable(
            name: "devices",
            formats: ["Q4_0", "Q8_0"],
            layers: tensors.map(\.name),
            cells: [[.impact(1), .impact(0.25)], [.impact(4), .impact(1)], [.impact(8), .impact(2)]]
        )
        task = try PlanningTask(
            model: try LayerGrouping.perTensor.grouped(tensors),
            impacts: table,
            layout: try FileLayout(headerBytes: 1_000, alignment: 32),
            budget: 0
        )
        var request = CardRequest(bytes: 0)
        request.context = 512
        (request.driver, request.margin) = (0, 0)
        devices = try LlamaCppDevices(
            model,
            on: [
                Device(name: "cpu\u{7}", buffer: "CPU", bytes: hostBytes, bandwidth: 1e8),
                Device(name: "gpu", buffer: "CUDA0", bytes: 24 << 30, bandwidth: 1e9),
            ],
            request
        )
    }

    /// A plan of formats: block 0 on the host, the rest on the card, the matrix of block 0 moved there where that is asked for.
    func plan(
        _ formats: [String],
        moving: Bool = false,
        bound: Double? = nil,
        minimumSpeed: Double? = nil,
        perByte: [Double] = [0, 2e-6],
        perSecond: Double? = nil
    ) -> DevicePlan {
        let problem = task.problem
        let choices = formats.enumerated().compactMap { layer, format in
            problem.options(ofLayer: layer).first {
                problem.formatNames[Int(problem.optionFormat[$0])] == format
            }
        }
        var (host, card) = (DeviceLoad(), DeviceLoad())
        (host.weights, host.readBytes) = (1 << 30, 4e6)
        (card.weights, card.cache, card.readBytes) = (8 << 30, 1 << 30, 6e6)
        return DevicePlan(
            plan: AllocationPlan(
                choices: choices,
                of: problem,
                bound: bound ?? problem.impact(ofChoices: choices),
                status: bound == nil ? .optimal : .feasible,
                solver: .dominance,
                ending: .proven
            ),
            devices: devices,
            unitPlaces: [0, 1, 1, 1, 1],
            tensorPlaces: ["blk.0.ffn_up.weight": moving ? 1 : 0, "blk.1.ffn_up.weight": 1],
            layerPlaces: [nil, moving ? 1 : 0, 1],
            loads: [host, card],
            claims: [
                [MemoryClaim("compute", bytes: 0, note: "", certainty: .bound)],
                [
                    MemoryClaim("compute", bytes: 512 << 20, note: "", certainty: .bound),
                    MemoryClaim("margin", bytes: 256 << 20, note: "", certainty: .given),
                ],
            ],
            minimumSpeed: minimumSpeed,
            prices: DevicePrices(perByte: perByte, perSecond: perSecond)
        )
    }
}
