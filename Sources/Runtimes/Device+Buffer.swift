extension Device {
    /// What llama.cpp's backends call their devices, a number behind it (`GGML_CUDA_NAME` in ggml-cuda.h, and its siblings).
    private static let backends = ["CUDA", "ROCm", "MUSA", "Vulkan", "SYCL", "CANN", "MTL"]
    /// Devices without a number; Metal was called so before it was MTL0.
    private static let unnumbered = ["Metal", "OpenCL"]

    /// Names of devices that llama.cpp has, the first of each kind.
    public static var exampleNames: [String] {
        ["cpu", "gpu", "gpu1"] + backends.map { "\($0)0" } + unnumbered
    }

    /// llama.cpp's name of a device's buffer: `CPU` for the host, `CUDA0` and so on, by their numbers, for cards that are called gpu,
    /// and its own for the others.
    ///
    /// - Parameter name: How the device is called, in letters of either case.
    /// - Returns: The buffer's name; nil for what llama.cpp has no device of.
    public static func buffer(of name: String) -> String? {
        let lower = name.lowercased()
        if ["cpu", "ram", "host"].contains(lower) { return hostBuffer }
        if lower == "gpu" { return "CUDA0" }
        if let own = unnumbered.first(where: { $0.lowercased() == lower }) { return own }
        for (prefix, backend) in [("gpu", "CUDA")] + backends.map({ ($0.lowercased(), $0) })
        where lower.hasPrefix(prefix) {
            let number = lower.dropFirst(prefix.count)
            if let number = Int(number), 0..<64 ~= number { return "\(backend)\(number)" }
        }
        return nil
    }
}
