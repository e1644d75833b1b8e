import Text
public import Planning
public import Runtimes
import Tensors

/// Where the parts of a plan are: what every device holds, and how fast the whole may be.
public struct DeviceSummary: Sendable {
    private let plan: DevicePlan

    /// Creates a summary of a plan on devices.
    public init(_ plan: DevicePlan) {
        self.plan = plan
    }

    /// The lines for a terminal of so many columns: for each device its name, its blocks and where its memory goes, then the
    /// speed.
    public func lines(width: Int) -> [String] {
        let devices = plan.devices.devices
        let names = devices.map { $0.name.visible }
        let nameWidth = (names.map(\.count).max() ?? 0) + 2
        let indent = 8 + nameWidth
        var lines: [String] = []
        for index in devices.indices {
            let head =
                (index == 0 ? "Devices " : Table.padded("", to: 8, .left))
                + Table.padded(names[index], to: nameWidth, .left)
            let texts = TerminalStyle.wrapped(text(of: index), width: max(40, width - indent))
            lines.append(head + (texts.first ?? ""))
            lines += texts.dropFirst().map { Table.padded("", to: indent, .left) + $0 }
        }
        if let speed = speedText {
            let texts = TerminalStyle.wrapped(speed, width: max(40, width - 8))
            lines += texts.enumerated().map { ($0.0 == 0 ? "Speed   " : "        ") + $0.1 }
        }
        return lines
    }

    /// The lines for devices that no plan fits: what is left on each for weights and the cache, and how much the cache takes wherever
    /// it is.
    ///
    /// - Parameters:
    ///   - devices: The devices.
    ///   - width: The columns of the terminal.
    /// - Returns: The lines.
    public static func lines(of devices: LlamaCppDevices, width: Int) -> [String] {
        let names = devices.devices.map { $0.name.visible }
        let nameWidth = (names.map(\.count).max() ?? 0) + 2
        func lines(_ head: String, _ text: String) -> [String] {
            let texts = TerminalStyle.wrapped(text, width: max(40, width - head.count))
            return [head + (texts.first ?? "")]
                + texts.dropFirst().map { Table.padded("", to: head.count, .left) + $0 }
        }
        var all: [String] = []
        for (index, device) in devices.devices.enumerated() {
            let claims = devices.claims(of: index, largestHostMatrix: 0).filter { $0.bytes > 0 }
            let left = claims.reduce(device.bytes) { $0.subtractingReportingOverflow($1.bytes).partialValue }
            var parts = claims.map { "\($0.name.visible) \(ByteSize($0.bytes).binary)" }
            if left >= 0 { parts.append("left for weights and cache \(ByteSize(left).binary)") }
            all += lines(
                (index == 0 ? "Devices " : Table.padded("", to: 8, .left))
                    + Table.padded(names[index], to: nameWidth, .left),
                "\(ByteSize(device.bytes).binary) = \(parts.joined(separator: " + "))"
            )
        }
        let cache = (0..<devices.unitCount).reduce(0) { $0 + devices.cacheBytes(ofUnit: $1) }
        let settings = devices.runtime.settings
        if cache > 0 {
            all += lines(
                "Cache   ",
                "\(ByteSize(cache).binary) of keys, values and states for \(ByteSize(settings.context).grouped) tokens, each block's where it is"
            )
        }
        return all
    }

    /// What to know before the plan is run: that the server keeps prompts where the plan leaves no room for them; nil elsewhere.
    public var note: String? {
        guard let host = plan.devices.devices.firstIndex(where: \.isHost),
            plan.bytesLeft(on: host) < LlamaCpp.promptCache
        else { return nil }
        return """
            llama-server keeps earlier prompts in the host's memory, too, up to \(ByteSize(LlamaCpp.promptCache).binary) of them, and the \
            plan leaves \(ByteSize(plan.bytesLeft(on: host)).binary) of \(plan.devices.devices[host].name.visible): start it with \
            --cache-ram 0, or keep that much out of the memory that you state
            """
    }

    /// The devices in a few words: `gpu of 24.00 GiB and cpu of 64.00 GiB`.
    var brief: String {
        plan.devices.devices.map { "\($0.name.visible) of \(ByteSize($0.bytes).binary)" }
            .joined(separator: " and ")
    }

    /// The name of the device of a layer, or nil where its tensors are on several.
    func device(ofLayer layer: Int) -> String? {
        plan.layerPlaces[layer].map { plan.devices.devices[$0].name }
    }

    /// The name of each device, and its blocks and where its memory goes.
    var texts: [(name: String, text: String)] {
        plan.devices.devices.indices.map { (plan.devices.devices[$0].name.visible, text(of: $0)) }
    }

    private func text(of index: Int) -> String {
        let device = plan.devices.devices[index]
        let load = plan.loads[index]
        var parts = [("weights", load.weights)]
        if load.cache > 0 { parts.append((LlamaCpp.cacheName, load.cache)) }
        parts += plan.claims[index].filter { $0.bytes > 0 }.map { ($0.name.visible, $0.bytes) }
        parts.append(("left", plan.bytesLeft(on: index)))
        let sum = parts.map { "\($0.0) \(ByteSize($0.1).binary)" }.joined(separator: " + ")
        return
            "\(ByteSize(device.bytes).binary) (\(device.buffer.visible)), \(blocks(on: index)) = \(sum)"
    }

    /// The blocks on a device.
    private func blocks(on index: Int) -> String {
        let output = plan.unitPlaces.count - 1
        let blocks = plan.unitPlaces.indices.filter { $0 < output && plan.unitPlaces[$0] == index }
        let hasOutput = plan.unitPlaces.last == index
        var text = "no block"
        if let first = blocks.first, let last = blocks.last {
            text = first == last ? "block \(first)" : "blocks \(first) to \(last)"
        }
        if hasOutput { text += " and the output" }
        let moved = plan.movedCount(to: index, from: Set(blocks))
        return moved > 0 ? "\(text), \(moved) \(moved == 1 ? "matrix" : "matrices") of others" : text
    }

    /// How fast the whole may be, or nil where a bandwidth is not known.
    var speedText: String? {
        guard let speed = plan.speed else { return nil }
        let asked = plan.minimumSpeed.map { ", \(Figures.plain($0)) asked for" } ?? ""
        return """
            at most \(Figures.plain(speed)) tokens/s\(asked): bytes read per token at half the context over each device's \
            bandwidth, one sequence; runs that were compared reach 55 to 85 % of that, and less below 4 bits
            """
    }
}
