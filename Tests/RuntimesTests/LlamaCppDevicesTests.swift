import Runtimes
import TestSupport
import Testing

@testable import Checkpoints
@testable import Tensors

/// Where llama.cpp can put the parts of a model, and how it is told.
@Suite struct LlamaCppDevicesTests {
    private static let host = Device(name: "cpu", buffer: "CPU", bytes: 64 << 30, bandwidth: 60e9)
    private static let cards = (0..<2).map {
        Device(name: "gpu\($0)", buffer: "CUDA\($0)", bytes: 24 << 30, bandwidth: 936e9)
    }

    private static func devices(_ model: String, _ devices: [Device]) throws -> LlamaCppDevices {
        var request = CardRequest(bytes: 0)
        request.context = 8_192
        return try LlamaCppDevices(try Model.builtIn(named: model), on: devices, request)
    }

    @Test("the split that is asked for is the split that llama.cpp makes", arguments: 0..<200)
    func splitReadsBack(seed: Int) {
        var generator = SeededGenerator(seed: seed)
        let counts = (0..<Int.random(in: 1...4, using: &generator)).map { _ in
            Int.random(in: 0...60, using: &generator)
        }
        let onHost = Int.random(in: counts.reduce(0, +) == 0 ? 1...20 : 0...20, using: &generator)
        let split = LayerSplit(hostCount: onHost, cardCounts: counts)
        var expected = [Int?](repeating: nil, count: onHost)
        for (card, count) in counts.enumerated() {
            expected += [Int?](repeating: card, count: count)
        }
        let found = LayerSplit.places(
            split.arguments,
            blockCount: expected.count - 1,
            cardCount: counts.count
        )
        #expect(found == expected, "\(split.arguments)")
    }

    @Test("a network of more than 98 blocks goes to the card whole")
    func manyBlocks() {
        #expect(LayerSplit(hostCount: 0, cardCounts: [127]).arguments == ["-ngl", "127"])
        #expect(LayerSplit(hostCount: 0, cardCounts: [33]).arguments == ["-ngl", "99"])
        #expect(LayerSplit(hostCount: 33, cardCounts: [0]).arguments == ["-ngl", "0"])
    }

    @Test("experts may be moved; attention, norms and the router stay with their block, words on the host")
    func homes() throws {
        let devices = try Self.devices("qwen3-30b-a3b", [Self.host, Self.cards[0]])
        #expect(devices.home(of: "token_embd.weight") == .lookedUp)
        #expect(devices.home(of: "output.weight") == .bound(unit: 48))
        #expect(devices.home(of: "output_norm.weight") == .bound(unit: 48))
        #expect(devices.home(of: "blk.3.attn_q.weight") == .bound(unit: 3))
        #expect(devices.home(of: "blk.3.ffn_norm.weight") == .bound(unit: 3))
        #expect(devices.home(of: "blk.3.ffn_gate_inp.weight") == .bound(unit: 3))
        #expect(devices.home(of: "blk.47.ffn_down_exps.weight") == .movable(unit: 47))
        #expect(devices.home(of: "blk.47.ffn_down.5.weight") == .movable(unit: 47))
        #expect(devices.home(of: "blk.47.ffn_up_shexp.weight") == .movable(unit: 47))
        #expect(devices.home(of: "blk.48.ffn_up.weight") == .notLoaded)
    }

    @Test("of experts the share that is used is read, of a table of words a row, and of the cache half")
    func reads() throws {
        let devices = try Self.devices("qwen3-30b-a3b", [Self.host, Self.cards[0]])
        let model = try Model.builtIn(named: "qwen3-30b-a3b")
        func share(_ name: String) throws -> Double {
            devices.readShare(of: try #require(model.tensors.first { $0.name == name }))
        }
        #expect(try share("blk.0.ffn_up_exps.weight") == 8.0 / 128)
        #expect(try share("blk.0.attn_q.weight") == 1)
        #expect(try share("token_embd.weight") == 1.0 / 151_936)
        // 4 heads of 128 for keys and for values, two bytes each.
        #expect(devices.cacheBytes(ofUnit: 0) == 16_777_216)
        #expect(devices.readCacheBytes(ofUnit: 0) == 8_388_608)
        #expect(devices.cacheBytes(ofUnit: 48) == 0)
    }

    @Test("of experts that differ by block each block's share is read")
    func readsByBlock() throws {
        let tensors = try (0..<2).map {
            try TensorInfo(name: "blk.\($0).ffn_up_exps.weight", shape: [8, 64, 64], elementType: .f16)
        }
        let words = try TensorInfo(name: "token_embd.weight", shape: [32, 64], elementType: .f16)
        let numbers = [
            "block_count": 2, "attention.head_count": 2, "embedding_length": 64, "expert_count": 8,
            "feed_forward_length": 64, "context_length": 512,
        ]
        let model = try Model(
            name: "m",
            tensors: [words] + tensors,
            kind: .gguf,
            architecture: "qwen3moe",
            metadata: numbers.map { GGUFMetadata("qwen3moe.\($0.key)", .uint64(UInt64($0.value))) } + [
                GGUFMetadata("qwen3moe.expert_used_count", .int32Array([2, 4]))
            ]
        )
        let devices = try LlamaCppDevices(model, on: [Self.cards[0]], CardRequest(bytes: 0))
        #expect(tensors.map(devices.readShare(of:)) == [0.25, 0.5])
    }

    @Test("an encoder's and a decoder's block of one number are in one place")
    func encoderAndDecoder() throws {
        let names = ["enc.blk.1.attn_q.weight", "dec.blk.1.ffn_up.weight", "dec.blk.0.attn_q.weight"]
        let tensors = try (["token_embd.weight", "dec.output_norm.weight"] + names).map {
            try TensorInfo(name: $0, shape: [64, 64], elementType: .f16)
        }
        let numbers = [
            "block_count": 2, "attention.head_count": 2, "embedding_length": 64,
            "feed_forward_length": 64, "context_length": 512,
        ]
        let model = try Model(
            name: "m",
            tensors: tensors,
            kind: .gguf,
            architecture: "t5",
            metadata: numbers.map { GGUFMetadata("t5.\($0.key)", .uint64(UInt64($0.value))) }
        )
        let devices = try LlamaCppDevices(model, on: [Self.host, Self.cards[0]], CardRequest(bytes: 0))
        #expect(names.map(devices.home(of:)) == [.bound(unit: 1), .bound(unit: 1), .bound(unit: 0)])
        #expect(devices.home(of: "dec.output_norm.weight") == .bound(unit: 2))
        // Where block 0 is on the host, so are its parts of both.
        let loads = devices.loads(places: [0, 1, 1], tensors: [:]) { $0.elementCount }
        #expect(loads[0].weights == 2 * 4_096)
    }

    @Test("every card gives its buffer, overhead and margin, and the host its buffer alone")
    func claims() throws {
        let devices = try Self.devices("llama-3.1-8b", Self.cards + [Self.host])
        #expect(devices.devices.map(\.name) == ["cpu", "gpu0", "gpu1"])
        let names = devices.devices.indices.map { index in
            devices.claims(of: index, largestHostMatrix: 5).map(\.name)
        }
        #expect(
            names == [
                ["compute"], ["compute", "from the host", "overhead", "margin"],
                ["compute", "overhead", "margin"],
            ]
        )
    }

    @Test("a device holds the cache of its blocks, and the weights that are there")
    func loads() throws {
        let devices = try Self.devices("llama-3.1-8b", [Self.host, Self.cards[0]])
        var places = [Int](repeating: 1, count: devices.unitCount)
        places[0] = 0
        let loads = devices.loads(places: places, tensors: ["blk.0.ffn_up.weight": 1]) { $0.elementCount }
        #expect(loads[0].cache == devices.cacheBytes(ofUnit: 0))
        #expect(loads[1].cache == 31 * devices.cacheBytes(ofUnit: 0))
        // Two of 4,096 x 4,096, of 1,024 x 4,096 and of 14,336 x 4,096, two norms, and the table of words.
        let rows = 2 * 4_096 + 2 * 1_024 + 2 * 14_336 + 2 + 128_256
        #expect(loads[0].weights == rows * 4_096)
        let speed = try #require(devices.speed(of: loads))
        let seconds = loads[0].readBytes / 60e9 + loads[1].readBytes / 936e9
        #expect(abs(1 / speed - seconds) < 1e-12)
    }

    @Test("the command moves what is elsewhere, and several cards without rules keep one copy of the inputs")
    func command() throws {
        let devices = try Self.devices("qwen3-30b-a3b", [Self.host, Self.cards[0]])
        let places = [Int](repeating: 1, count: devices.unitCount)
        let words = try devices.command(
            modelPath: "m.gguf",
            places: places,
            tensors: ["blk.3.ffn_up_exps.weight": 0, "blk.4.ffn_up_exps.weight": 0]
        )
        #expect(words.suffix(6).prefix(2) == ["-dev", "CUDA0"])
        #expect(words.suffix(4) == ["-ngl", "99", "-ot", #"^blk\.(3|4)\.ffn_up_exps\.weight$=CPU"#])
        let two = try Self.devices("llama-3.1-8b", Self.cards)
        let split = try two.command(
            modelPath: "m.gguf",
            places: [Int](repeating: 0, count: 20) + [Int](repeating: 1, count: 13),
            tensors: [:]
        )
        #expect(split.suffix(8).prefix(2) == ["-dev", "CUDA0,CUDA1"])
        #expect(split.suffix(6) == ["-ngl", "99", "-ts", "20,13", "-ot", #"^output_norm\.weight$=CUDA1"#])
    }

    @Test("cards are split over in the order in which they are named, whatever their numbers")
    func namesCards() throws {
        let devices = try Self.devices("llama-3.1-8b", [Self.cards[1], Self.cards[0]])
        let words = try devices.command(
            modelPath: "m.gguf",
            places: [Int](repeating: 0, count: 20) + [Int](repeating: 1, count: 13),
            tensors: [:]
        )
        #expect(words.suffix(8).prefix(6) == ["-dev", "CUDA1,CUDA0", "-ngl", "99", "-ts", "20,13"])
        #expect(words.last == #"^output_norm\.weight$=CUDA0"#)
        #expect(
            LayerSplit.buffers(["-dev", "CUDA1,CUDA0", "-ngl", "2", "-ts", "1,1"], blockCount: 3)
                == ["CPU", "CPU", "CUDA1", "CUDA0"]
        )
    }

    @Test("what no program can place is refused")
    func refuses() throws {
        let picture = try Model.builtIn(named: "flux1-dev")
        #expect(throws: RuntimeError.placesNothing(runtime: "comfyui-gguf")) {
            try LlamaCppDevices(picture, on: Self.cards, CardRequest(bytes: 0))
        }
        let tensor = try TensorInfo(name: "token_embd.weight", shape: [8, 32])
        let unknown = try Model(name: "mine", tensors: [tensor])
        #expect(throws: RuntimeError.blocksNotKnown(model: "mine")) {
            var request = CardRequest(bytes: 0)
            request.context = 512
            _ = try LlamaCppDevices(unknown, on: Self.cards, request)
        }
    }
}
