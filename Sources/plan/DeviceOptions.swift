import Text
import ArgumentParser
import Planning
import Runtimes
import Tensors

/// Several devices instead of a budget.
struct DeviceOptions: ParsableArguments {
    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            """
            A device to put layers on, instead of a budget: its memory and, after a comma, its bandwidth: gpu=24GiB,936GB/s, \
            cpu=64GiB,60GB/s; repeatable. cpu is the host. gpu and gpu1 are llama.cpp's CUDA0 and CUDA1, whatever their order; other cards have llama.cpp's own names, such as Vulkan0.
            """,
            valueName: "name=size"
        )
    )
    var device: [String] = []

    @Option(
        help: ArgumentHelp(
            "With --device: the least tokens per second, as the bandwidths allow them for one sequence whose context is half full.",
            valueName: "tokens"
        )
    )
    var minSpeed: Double?

    /// The most devices that are taken.
    private static let most = 8

    /// The devices; none where none are given.
    func devices() throws -> [Device] {
        var devices: [Device] = []
        for text in device { devices.append(try Self.device(text)) }
        let names = devices.map(\.name)
        let buffers = devices.map(\.buffer)
        var problem: String?
        if Set(names).count < names.count || Set(buffers).count < buffers.count {
            problem = "two devices are the same; give each --device a name of its own"
        } else if devices.count > Self.most {
            problem = "there are more than \(Self.most) devices; name fewer with --device"
        } else if devices.allSatisfy(\.isHost), !devices.isEmpty {
            problem = "give a card beside the host, such as --device gpu=24GiB"
        }
        if let problem { throw Failure(code: Failure.usage, message: problem) }
        return devices
    }

    /// Refuses a speed that means nothing.
    func check() throws {
        guard let minSpeed else { return }
        guard !device.isEmpty else {
            throw Failure(
                code: Failure.usage,
                message: "--min-speed needs devices; add --device, such as --device gpu=24GiB,936GB/s"
            )
        }
        try Self.check(speed: minSpeed, of: "--min-speed")
    }

    static func check(speed: Double, of option: String) throws {
        guard speed > 0, speed.isFinite, speed <= 1e9 else {
            throw Failure(
                code: Failure.usage,
                message: "\(option) takes a number of tokens per second above 0, such as 12"
            )
        }
    }

    /// The options that shape a plan, as they would be typed.
    var arguments: [String] {
        device.flatMap { ["--device", $0] } + (minSpeed.map { ["--min-speed", $0.description] } ?? [])
    }

    /// The devices as a part of a file's name.
    var limitText: String {
        "devices-"
            + device.compactMap { $0.split(separator: "=").last?.split(separator: ",").first }
            .joined(separator: "-")
    }

    private static func device(_ text: String) throws -> Device {
        func failure(_ reason: String) -> Failure {
            Failure(
                code: Failure.usage,
                message:
                    "--device takes a name and a size, such as gpu=24GiB or gpu=24GiB,936GB/s, not \(text.quoted): \(reason)"
            )
        }
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard sides.count == 2, !sides[0].isEmpty else { throw failure("there is no name before a =") }
        let name = String(sides[0])
        guard name.utf8.allSatisfy({ isNameByte($0) }) else {
            throw failure("a name is of letters and digits")
        }
        let figures = sides[1].split(separator: ",", omittingEmptySubsequences: false)
        guard figures.count <= 2, let size = figures.first else { throw failure("there are too many commas") }
        func bytes(_ text: Substring) throws -> Int {
            do throws(TensorError) {
                return try ByteSize(parsing: String(text)).bytes
            } catch {
                throw failure("\(error)")
            }
        }
        var bandwidth: Double?
        if figures.count == 2 {
            guard figures[1].hasSuffix("/s") else { throw failure("a bandwidth ends with /s") }
            bandwidth = Double(try bytes(figures[1].dropLast(2)))
        }
        guard let buffer = Device.buffer(of: name) else {
            let names = Device.exampleNames.joined(separator: ", ")
            throw failure("llama.cpp has no such device; it has \(names)")
        }
        if let bytes = Int(size), 0..<1 << 20 ~= bytes {
            throw failure("\(bytes) is in bytes; write a unit behind it, such as \(bytes)GiB")
        }
        return Device(
            name: name,
            buffer: buffer,
            bytes: try bytes(size),
            bandwidth: bandwidth
        )
    }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}
