/// A list of casts in YAML, as both of its readers take it apart.
struct CastList {
    var casts: [(layers: [Int], blocks: String?, castto: String)] = []

    /// Reads a block list whose entries begin with a hyphen.
    init(yaml: String) {
        for line in yaml.split(separator: "\n").map(String.init) {
            let isEntry = line.contains("- ")
            let text = line.replacing("- ", with: "  ")
            let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2 else { continue }
            let key = parts[0].replacing(" ", with: "")
            var value = parts[1].trimmingPrefix(" ").description
            if value.hasPrefix("'"), value.hasSuffix("'") { value = String(value.dropFirst().dropLast()) }
            if isEntry { casts.append(([], nil, "")) }
            guard !casts.isEmpty else { continue }
            switch key {
            case "layers": casts[casts.count - 1].layers = Self.layers(value)
            case "blocks": casts[casts.count - 1].blocks = value.isEmpty ? nil : value
            case "castto": casts[casts.count - 1].castto = value
            default: break
            }
        }
    }

    private static func layers(_ text: String) -> [Int] {
        switch text {
        case "all": return Array(0..<57)
        case "double": return Array(0..<19)
        case "single": return Array(19..<57)
        default: break
        }
        return text.split(separator: ",").flatMap { section -> [Int] in
            let ends = section.split(separator: "-").compactMap { Int($0.replacing(" ", with: "")) }
            guard let first = ends.first, let last = ends.last, first <= last else { return [] }
            return Array(first...last)
        }
    }
}

/// What the ComfyUI node cg-mixed-casting casts a tensor to.
struct CGMixedCastingEmulator {
    let list: CastList

    /// The cast, or nil where the tensor stays as it is.
    func cast(of name: String) -> String? {
        let parts = name.split(separator: ".").map(String.init)
        if ["final_layer", "guidance_in", "img_in", "time_in", "txt_in", "vector_in"].contains(parts[0]) {
            return nil
        }
        if name.contains(".norm.") { return nil }
        guard let index = parts.firstIndex(where: { $0 == "double_blocks" || $0 == "single_blocks" }),
            let number = Int(parts[index + 1])
        else { return nil }
        let isDouble = parts[index] == "double_blocks"
        let layer = isDouble ? number : number + 19
        let stream = isDouble ? String(parts[index + 2].prefix(3)) : "x"
        for cast in list.casts
        where cast.layers.contains(layer) && (cast.blocks == nil || cast.blocks == stream) {
            return cast.castto == "none" ? nil : cast.castto
        }
        return nil
    }
}

/// What mixed-gguf-converter casts a tensor of two dimensions to.
struct MixedGGUFEmulator {
    let list: CastList

    func cast(of name: String) -> String {
        let parts = name.split(separator: ".").map(String.init)
        guard parts.count > 2, let number = Int(parts[1]) else { return "F32" }
        var casts = [String](repeating: "F32", count: 57)
        for cast in list.casts {
            for layer in cast.layers { casts[layer] = cast.castto }
        }
        switch parts[0] {
        case "double_blocks": return casts[number]
        case "single_blocks": return casts[number + 19]
        default: return "F32"
        }
    }
}
