import BitAllocation
import Checkpoints
import Foundation
import Planning
import Runtimes
import Sensitivity
import Tensors
import TestSupport
import Testing

/// Plans on several devices, held against every format on every device.
@Suite struct DevicePlannerTests {
    @Test("a curve of speed goes from the least impact to the fastest plan, its floors evenly spaced")
    func curveOfSpeed() throws {
        var curves = 0
        for seed in 0..<12 {
            let small = try Small(seed: seed, combination: .sum)
            let planner = DevicePlanner(small.task, on: small.devices)
            guard let fastest = try? planner.plan(.fastest(maximumImpact: .infinity)).speed else { continue }
            let curve = SpeedCurve(shouldStop: { false }) { try planner.plan($0) }
            let points = try curve.points(4, from: nil)
            #expect(points.first?.floor == nil)
            guard points.count == 4 else { continue }
            curves += 1
            let plans = try points.map { try #require($0.plan) }
            let speeds = try plans.map { try #require($0.speed) }
            let floors = points.compactMap(\.floor)
            #expect(abs(floors[1] - floors[0] - (floors[2] - floors[1])) <= 1e-6 * floors[2])
            #expect(zip(speeds.dropFirst(), floors).allSatisfy { $0 >= $1 * (1 - 1e-9) }, "seed \(seed)")
            #expect(abs(speeds[3] - fastest) <= 1e-6 * fastest, "seed \(seed)")
            #expect(plans[0].plan.impact <= plans[3].plan.impact, "seed \(seed)")
            #expect(try curve.points(at: [fastest * 2])[0].plan == nil)
            #expect(try SpeedCurve(shouldStop: { true }) { try planner.plan($0) }.points(at: [nil]).isEmpty)
        }
        #expect(curves > 0)
    }

    /// A network of four blocks, two of which have weights.
    private struct Small {
        let model: Model
        let task: PlanningTask
        let devices: LlamaCppDevices
        let request: CardRequest

        init(seed: Int, combination: ImpactCombination) throws {
            var generator = SeededGenerator(seed: seed)
            var tensors = [
                try TensorInfo(name: "token_embd.weight", shape: [300, 256], elementType: .bf16),
                try TensorInfo(name: "output_norm.weight", shape: [256], elementType: .f32),
            ]
            for block in 0..<2 {
                for name in ["attn_q", "ffn_up"] {
                    let rows = Int.random(in: 1...8, using: &generator) * 128
                    tensors.append(
                        try TensorInfo(
                            name: "blk.\(block).\(name).weight",
                            shape: [rows, 256],
                            elementType: .bf16
                        )
                    )
                }
            }
            if Bool.random(using: &generator) {
                tensors.append(try TensorInfo(name: "output.weight", shape: [300, 256], elementType: .bf16))
            }
            let file = LanguageModelFile(tensors: tensors)
            let folder = try ScratchFolder()
            let path = folder.url.appendingPathComponent("m.gguf")
            try Data(
                file.bytes(more: [
                    "embedding_length": 256, "feed_forward_length": 512, "context_length": 2_048,
                ])
            ).write(to: path)
            model = try Model.read(path: path.path)
            var rows = "layer,Q4_K,Q8_0\n"
            for tensor in tensors where tensor.dimensionCount > 1 {
                let weight = Double.random(in: 0.1...5, using: &generator)
                let small = weight * Double.random(in: 0.01...0.9, using: &generator)
                rows += "\(tensor.name),\(weight),\(small)\n"
            }
            let table = try ImpactTableReader.read(text: rows, name: "t").table
            task = try PlanningTask(
                model: try LayerGrouping.perTensor.grouped(tensors),
                impacts: table,
                layout: FileLayout(headerBytes: 1_000, alignment: 32),
                budget: 0,
                combination: combination
            )
            var request = CardRequest(bytes: 0)
            request.context = 512
            (request.driver, request.margin) = (0, 0)
            // The buffer takes what it takes; what is scarce is beside it.
            let buffer =
                try LlamaCpp(model, request.llamaSettings(for: model)).claims(for: model.tensors)
                .first { $0.name == "compute" }?.bytes ?? 0
            let all = [
                Device(
                    name: "cpu",
                    buffer: "CPU",
                    bytes: buffer + Int.random(in: 200_000...2_000_000, using: &generator),
                    bandwidth: 1e8
                ),
                Device(
                    name: "gpu",
                    buffer: "CUDA0",
                    bytes: buffer + Int.random(in: 600_000...4_000_000, using: &generator),
                    bandwidth: 1e9
                ),
                Device(
                    name: "gpu1",
                    buffer: "CUDA1",
                    bytes: buffer + Int.random(in: 200_000...2_000_000, using: &generator),
                    bandwidth: 5e8
                ),
            ]
            let used = [[0, 1], [1, 2], [1], [0, 1, 2]][Int.random(in: 0..<4, using: &generator)]
            devices = try LlamaCppDevices(model, on: used.map { all[$0] }, request)
            self.request = request
        }

        /// Calls a body with every way to place the row, every place of what may be moved, and every format.
        func all(_ body: (_ places: [Int], _ tensors: [String: Int], _ choices: [Int]) -> Void) {
            let count = devices.devices.count
            let movable = model.tensors.map(\.name).filter {
                if case .movable = devices.home(of: $0) { true } else { false }
            }
            var ways: [[Int]] = [[]]
            for _ in 0..<devices.unitCount {
                ways = ways.flatMap { way in ((way.last ?? 0)..<count).map { way + [$0] } }
            }
            if devices.devices[0].isHost { ways.removeAll { $0.last == 0 } }
            var moves: [[String: Int]] = [[:]]
            for name in movable {
                moves = moves.flatMap { move in (0..<count).map { move.merging([name: $0]) { $1 } } }
            }
            var choices: [[Int]] = [[]]
            for layer in 0..<task.problem.layerCount {
                choices = choices.flatMap { choice in
                    task.problem.options(ofLayer: layer).map { choice + [$0] }
                }
            }
            for way in ways { for move in moves { for choice in choices { body(way, move, choice) } } }
        }
    }

    /// What a plan is measured by, worked out from nothing but its choices.
    private struct Measured {
        let fits: Bool
        let speed: Double
        let impact: Double

        init(
            _ small: Small,
            _ places: [Int],
            _ tensors: [String: Int],
            _ choices: [Int]
        ) {
            let (task, devices) = (small.task, small.devices)
            // A batch takes the host's matrices to the first card, which needs room for the largest of these very ones.
            var largest = 0
            var bytes: [String: Int] = [:]
            for kept in task.model.kept { bytes[kept.tensor.name] = kept.bytes }
            for (layer, option) in choices.enumerated() {
                let name = task.problem.formatNames[Int(task.problem.optionFormat[option])]
                for tensor in task.model.layers[layer].tensors {
                    let own = QuantizationFormat(named: name)?.byteCount(of: tensor) ?? 0
                    bytes[tensor.name] = own
                    let place: Int? =
                        switch devices.home(of: tensor.name) {
                        case .bound(let unit) where unit < devices.unitCount - 1: places[unit]
                        case .movable: tensors[tensor.name]
                        default: nil
                        }
                    if let place, devices.devices[place].isHost { largest = max(largest, own) }
                }
            }
            let loads = devices.loads(places: places, tensors: tensors) { bytes[$0.name] ?? 0 }
            var isOver = false
            for (index, load) in loads.enumerated() {
                let claimed = devices.claims(of: index, largestHostMatrix: largest)
                    .reduce(0) { $0 + $1.bytes }
                if load.weights + load.cache + claimed > devices.devices[index].bytes { isOver = true }
            }
            fits = !isOver
            speed = devices.speed(of: loads) ?? 0
            impact = task.problem.impact(ofChoices: choices)
        }
    }

    @Test(
        "no plan on devices is better than the one that is found, with a floor on speed or a limit on impact",
        arguments: 0..<24
    )
    func agreesWithExhaustiveSearch(seed: Int) throws {
        let combination = ImpactCombination.allCases[seed % 3]
        let small = try Small(seed: seed, combination: combination)
        let planner = DevicePlanner(small.task, on: small.devices, timeLimit: .seconds(1_000))
        func plan(_ goal: DeviceGoal) -> Result<DevicePlan, PlanningError> {
            Result(catching: { () throws(PlanningError) in try planner.plan(goal) })
        }
        let answer = plan(.leastImpact(minimumSpeed: nil))
        guard case .success(let open) = answer else {
            switch answer {
            case .failure(.devicesTooSmall), .failure(.outputFitsNoCard): break
            default: Issue.record("\(answer)")
            }
            small.all { places, tensors, choices in
                #expect(!Measured(small, places, tensors, choices).fits)
            }
            return
        }
        let speed = try #require(open.speed)
        let floor = speed * [1.05, 1.5, 3][seed % 3]
        let most = open.plan.impact * [1.1, 1.5, 3][seed / 3 % 3] + 0.01
        var least: (open: Double, floor: Double, speed: Double) = (.infinity, .infinity, 0)
        small.all { places, tensors, choices in
            let own = Measured(small, places, tensors, choices)
            guard own.fits else { return }
            least.open = min(least.open, own.impact)
            if own.speed >= floor * (1 + 1e-12) { least.floor = min(least.floor, own.impact) }
            if own.impact <= most { least.speed = max(least.speed, own.speed) }
        }
        func check(_ plan: DevicePlan) {
            let own = Measured(small, plan.unitPlaces, plan.tensorPlaces, plan.plan.choices)
            #expect(own.fits)
            #expect(plan.devices.devices.indices.allSatisfy { plan.bytesLeft(on: $0) >= 0 })
            #expect(abs(own.speed - (plan.speed ?? 0)) <= 1e-9 * own.speed)
            #expect(plan.plan.status == .optimal)
        }
        check(open)
        #expect(abs(open.plan.impact - least.open) <= 2e-9 * least.open)
        switch plan(.leastImpact(minimumSpeed: floor)) {
        case .success(let fast):
            check(fast)
            #expect(fast.speed ?? 0 >= floor * (1 - 1e-12))
            #expect(abs(fast.plan.impact - least.floor) <= 2e-9 * least.floor)
        case .failure(let error):
            guard case .tooSlow = error else {
                Issue.record("\(error)")
                return
            }
            #expect(least.floor == .infinity)
        }
        // Below the least impact that the devices allow there is no fastest plan, and what is named is that.
        let tooLow = plan(.fastest(maximumImpact: open.plan.impact * 0.999))
        if case .failure(.allocation(.impactOutOfReach(_, let least))) = tooLow {
            #expect(least <= open.plan.impact * (1 + 2e-9))
        } else {
            #expect(open.plan.impact == 0, "\(tooLow)")
        }
        let fastest = try planner.plan(.fastest(maximumImpact: most))
        check(fastest)
        #expect(fastest.plan.impact <= most * (1 + 1e-9))
        #expect(abs((fastest.speed ?? 0) - least.speed) <= 2e-9 * least.speed)
    }

    @Test("an output that no card has room for is named as what does not fit", arguments: 0..<4)
    func outputBeyondCards(seed: Int) throws {
        let small = try Small(seed: seed, combination: .sum)
        let buffer = try #require(
            LlamaCpp(small.model, small.request.llamaSettings(for: small.model))
                .claims(for: small.model.tensors).first { $0.name == "compute" }
        )
        let devices = try LlamaCppDevices(
            small.model,
            on: [
                Device(name: "cpu", buffer: "CPU", bytes: 1 << 30, bandwidth: nil),
                Device(name: "gpu", buffer: "CUDA0", bytes: buffer.bytes + 30_000, bandwidth: nil),
            ],
            small.request
        )
        let planner = DevicePlanner(small.task, on: devices, timeLimit: .seconds(1_000))
        let answer = Result(catching: { () throws(PlanningError) in
            try planner.plan(.leastImpact(minimumSpeed: nil))
        })
        guard case .failure(.outputFitsNoCard(let bytes, let room)) = answer else {
            Issue.record("\(answer)")
            return
        }
        // 300 rows of 256 in Q4_K, and the norm beside them.
        #expect(bytes >= 300 * 144 && room <= 30_000)
    }

    @Test("layers that are tied take one format, each on whatever device is best", arguments: 0..<24)
    func tiesFormatsAlone(seed: Int) throws {
        let combination = ImpactCombination.allCases[seed % 3]
        let small = try Small(seed: seed, combination: combination)
        var task = small.task
        var generator = SeededGenerator(seed: seed)
        let name = ["ffn_up", "attn_q", "blk"][Int.random(in: 0..<3, using: &generator)]
        task.problem.tie(
            task.problem.layerNames.indices.filter { task.problem.layerNames[$0].contains(name) }
        )
        let planner = DevicePlanner(task, on: small.devices, timeLimit: .seconds(1_000))
        var least = (open: Double.infinity, floor: Double.infinity)
        let open = Result(catching: { () throws(PlanningError) in
            try planner.plan(.leastImpact(minimumSpeed: nil))
        })
        let floor = ((try? open.get())?.speed ?? 1) * [1.05, 1.5, 3][seed / 3 % 3]
        small.all { places, tensors, choices in
            guard task.problem.isAdmissible(choices) else { return }
            let own = Measured(small, places, tensors, choices)
            guard own.fits else { return }
            least.open = min(least.open, own.impact)
            if own.speed >= floor * (1 + 1e-12) { least.floor = min(least.floor, own.impact) }
        }
        func check(_ answer: Result<DevicePlan, PlanningError>, _ least: Double) throws {
            guard least < .infinity else {
                switch answer {
                case .failure(.devicesTooSmall), .failure(.outputFitsNoCard), .failure(.tooSlow): break
                default: Issue.record("\(answer)")
                }
                return
            }
            let plan = try answer.get()
            #expect(task.problem.isAdmissible(plan.plan.choices))
            #expect(Measured(small, plan.unitPlaces, plan.tensorPlaces, plan.plan.choices).fits)
            #expect(plan.plan.status == .optimal)
            #expect(abs(plan.plan.impact - least) <= 2e-9 * least)
        }
        try check(open, least.open)
        try check(
            Result(catching: { () throws(PlanningError) in
                try planner.plan(.leastImpact(minimumSpeed: floor))
            }),
            least.floor
        )
    }

    @Test("where the host has room for all of the source, nothing is lost", arguments: [[0, 1], [0, 1, 2]])
    func losesNothingWithoutNeed(used: [Int]) throws {
        let small = try Small(seed: 3, combination: .sum)
        let all = [
            Device(name: "cpu", buffer: "CPU", bytes: 64 << 30, bandwidth: 1e8),
            Device(name: "gpu", buffer: "CUDA0", bytes: 1 << 30, bandwidth: 1e9),
            Device(name: "gpu1", buffer: "CUDA1", bytes: 1 << 30, bandwidth: 5e8),
        ]
        let layers = small.task.model.layers.map(\.name)
        let rows = layers.map { "\($0),2,1,0\n" }.joined()
        let task = try PlanningTask(
            model: small.task.model,
            impacts: try ImpactTableReader.read(text: "layer,Q4_K,Q8_0,BF16\n" + rows, name: "t").table,
            layout: FileLayout(headerBytes: 1_000, alignment: 32),
            budget: 0,
            combination: .sum
        )
        let devices = try LlamaCppDevices(small.model, on: used.map { all[$0] }, small.request)
        let plan = try DevicePlanner(task, on: devices).plan(.leastImpact(minimumSpeed: nil))
        #expect(plan.plan.impact == 0)
        #expect(plan.plan.status == .optimal)
        // Of all plans that lose nothing, it is the fastest.
        let fastest = try DevicePlanner(task, on: devices).plan(.fastest(maximumImpact: 0))
        #expect(abs((plan.speed ?? 0) - (fastest.speed ?? 0)) <= 1e-9 * (fastest.speed ?? 0))
    }

    @Test("without bandwidths nothing is left to the host for which a card has room", arguments: 1...4)
    func fillsCards(seed: Int) throws {
        let small = try Small(seed: seed, combination: .sum)
        let devices = [
            Device(name: "cpu", buffer: "CPU", bytes: 64 << 30, bandwidth: nil),
            Device(name: "gpu", buffer: "CUDA0", bytes: 24 << 30, bandwidth: nil),
        ]
        let plan = try DevicePlanner(
            small.task,
            on: LlamaCppDevices(small.model, on: devices, small.request)
        ).plan(.leastImpact(minimumSpeed: nil))
        #expect(plan.plan.status == .optimal && plan.speed == nil)
        #expect(plan.devices.devices.map(\.bandwidth) == [nil, nil])
        #expect(plan.unitPlaces.allSatisfy { $0 == 1 })
        #expect(plan.tensorPlaces.values.allSatisfy { $0 == 1 })
    }

    @Test("a speed without a bandwidth, and a limit on formats, are refused")
    func refuses() throws {
        let small = try Small(seed: 1, combination: .sum)
        let model = small.model
        var request = CardRequest(bytes: 0)
        request.context = 512
        let card = Device(name: "gpu", buffer: "CUDA0", bytes: 24 << 30, bandwidth: nil)
        let devices = try LlamaCppDevices(model, on: [card], request)
        #expect(throws: PlanningError.bandwidthMissing(device: "gpu")) {
            try DevicePlanner(small.task, on: devices).plan(.leastImpact(minimumSpeed: 5))
        }
        var task = small.task
        task.problem.formatLimit = 1
        #expect(throws: PlanningError.noFormatLimitOnDevices) {
            try DevicePlanner(task, on: devices).plan(.leastImpact(minimumSpeed: nil))
        }
        let tiny = Device(name: "gpu", buffer: "CUDA0", bytes: 1_000, bandwidth: nil)
        let full = sentence {
            try DevicePlanner(small.task, on: LlamaCppDevices(model, on: [tiny], request))
                .plan(.leastImpact(minimumSpeed: nil))
        }
        #expect(
            full?.hasPrefix(
                "the device gpu has 1.00 kB (1000 B), and what the runtime keeps there beside the weights takes "
            ) == true
        )
    }
}
