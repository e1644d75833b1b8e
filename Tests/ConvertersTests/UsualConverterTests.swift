import Checkpoints
import Converters
import Runtimes
import Tensors
import Testing

/// What converters say of themselves that other rooms go by.
@Suite struct UsualConverterTests {
    @Test("what this program writes has a usual converter that makes it", arguments: ModelContainer.allCases)
    func containers(container: ModelContainer) throws {
        let usual = Converters.usual(for: container)
        #expect(usual.container == container)
        // It is the one that the list has first, as a name finds it.
        #expect(Converters.all.first { $0.container == container }?.name == usual.name)
    }

    @Test("what a program loads, its usual converter makes", arguments: TargetRuntime.allCases)
    func runtimes(runtime: TargetRuntime) {
        let container = ModelContainer(loadedBy: runtime)
        #expect(Converters.usual(for: container).runtimes.contains(runtime))
        for converter in Converters.all where converter.runtimes.contains(runtime) {
            #expect(converter.container ?? container == container, "\(converter.name)")
        }
    }

    @Test("a diffusion model's GGUF file is most likely for ComfyUI-GGUF, a language model's for none")
    func usualRuntime() throws {
        let own = Converters.usual(for: .gguf)
        #expect(own.usualRuntime(for: try Model.builtIn(named: "flux1-dev")) == .comfyUIGGUF)
        #expect(own.usualRuntime(for: try Model.builtIn(named: "llama-3.1-8b")) == nil)
        for converter in Converters.all where converter.name != own.name {
            #expect(converter.usualRuntime(for: try Model.builtIn(named: "flux1-dev")) == nil)
        }
    }

    @Test(
        "what two converters leave alone is what each of them is documented to leave",
        arguments: [
            ("convert_to_quant", "a.weight", [16, 16], false),
            ("convert_to_quant", "a.weight", [15, 16], true),
            ("convert_to_quant", "a.bias", [16, 16], true), ("comfyui", "a.weight", [15, 16], false),
            ("mlx", "a.weight", [15, 16], false), ("mlx", "a.weight", [2, 16, 16], true),
            ("stable-diffusion.cpp", "blocks.0.weight", [16, 16], false),
            ("stable-diffusion.cpp", "img_in.weight", [16, 16], true),
        ]
    )
    func untouched(converter: String, name: String, shape: [Int], isLeft: Bool) throws {
        let tensor = try TensorInfo(name: name, shape: shape)
        #expect(try Converters.named(converter).neverQuantizes(tensor) == isLeft)
    }
}
