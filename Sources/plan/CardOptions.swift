import Text
import ArgumentParser
import Checkpoints
import Foundation
import Runtimes
import Tensors

/// A card instead of a budget: what several subcommands share.
struct CardOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The memory of a card: 24GiB, 12GB. What the runtime needs besides the weights is subtracted, and the weights have the rest.",
            valueName: "size"
        )
    )
    var card: String?

    @Option(
        help: ArgumentHelp(
            "The program that will load the file: \(TargetRuntime.names). Only formats that it decodes fast are planned. By default, with --card, the first of these that can load it.",
            valueName: "name"
        )
    )
    var runtime: String?

    @Option(
        help: ArgumentHelp(
            "llama.cpp's -c, the tokens of all sequences together: 32768, 32k. By default the length that the model was trained for.",
            valueName: "tokens"
        )
    )
    var context: String?

    @Option(
        help: ArgumentHelp(
            "The format of the KV cache: f16, q8_0, q4_0, …; q8_0/q4_0 is one for keys and one for values. plan compare takes several, separated by commas.",
            valueName: "format"
        )
    )
    var kv: String?

    @Option(
        help: ArgumentHelp("llama.cpp's -np, the number of sequences in parallel.", valueName: "count")
    )
    var sequences: Int?

    @Option(
        help: ArgumentHelp(
            "llama.cpp's -ub, the tokens that are worked on at once; 512 by default. More need more memory, also for the cache of sliding windows.",
            valueName: "tokens"
        )
    )
    var ubatch: String?

    @Flag(
        help:
            "llama.cpp's --swa-full: layers with a sliding window cache the whole context, as they do for programs that use its library."
    )
    var swaFull = false

    @Flag(
        help:
            "llama.cpp's -kvu: all sequences share one cache of the whole context, and do not have a part of it each."
    )
    var kvUnified = false

    @Option(
        help: ArgumentHelp("The size of the picture, for programs that make pictures.", valueName: "WxH")
    )
    var resolution: String?

    @Option(
        parsing: .singleValue,
        help: ArgumentHelp(
            "Another file on the card: a draft model, an mmproj, a text encoder; repeatable.",
            valueName: "file"
        )
    )
    var beside: [String] = []

    @Option(
        help: ArgumentHelp(
            "More memory to keep free, such as 1.5GiB. Give it in place of the cache where plan does not know the model's.",
            valueName: "size"
        )
    )
    var reserve: String?

    @Option(
        help: ArgumentHelp(
            "How much memory the driver takes before anything is loaded, in place of the assumed figure.",
            valueName: "size"
        )
    )
    var overhead: String?

    @Option(
        help: ArgumentHelp(
            "How much of the card the runtime leaves free, in place of the assumed figure.",
            valueName: "size"
        )
    )
    var margin: String?

    /// A format of keys and one of values, as they were asked for.
    struct Cache {
        let text: String
        let keys: CacheFormat
        let values: CacheFormat
    }

    /// Refuses options that mean nothing without a card or devices; `--reserve` and `--runtime` may stand alone where they have a
    /// meaning without one.
    func check(
        reserveStandsAlone: Bool = false,
        runtimeStandsAlone: Bool = true,
        takesDevices: Bool = true,
        hasDevices: Bool = false
    ) throws {
        guard card == nil, !hasDevices else { return }
        let given: [(String, Bool)] = [
            ("--runtime", runtime != nil && !runtimeStandsAlone), ("--context", context != nil),
            ("--kv", kv != nil),
            ("--sequences", sequences != nil), ("--ubatch", ubatch != nil), ("--swa-full", swaFull),
            ("--kv-unified", kvUnified), ("--resolution", resolution != nil),
            ("--beside", !beside.isEmpty),
            ("--reserve", reserve != nil && !reserveStandsAlone), ("--overhead", overhead != nil),
            ("--margin", margin != nil),
        ]
        if let first = given.first(where: \.1)?.0 {
            // Devices are llama.cpp's, which makes no pictures.
            let isForDevices = takesDevices && !["--runtime", "--resolution", "--beside"].contains(first)
            throw Failure(
                code: Failure.usage,
                message: isForDevices
                    ? """
                    \(first) needs a card or devices; add --card, such as --card 24GiB, or --device, such as --device gpu=24GiB
                    """ : "\(first) needs a card; add --card, such as --card 24GiB"
            )
        }
    }

    /// The program that was named, or nil where none was.
    func targetRuntime() throws -> TargetRuntime? {
        try runtime.map { try TargetRuntime(named: $0) }
    }

    /// The card and what is to run on it, or nil where no card is given.
    ///
    /// - Parameter hasRemarks: Whether it is remarked where the card may have more memory than was said.
    /// - Returns: The request.
    /// - Throws: ``Failure`` for what cannot be read.
    func request(withRemarks hasRemarks: Bool = true) throws -> CardRequest? {
        guard let card else { return nil }
        let bytes = try Self.size(card, of: "--card")
        if hasRemarks, let note = Self.note(card, bytes) { Console.note(note) }
        return try request(bytes: bytes)
    }

    /// What cards are sold with, in GiB, although the box says GB.
    private static let soldSizes = [4, 6, 8, 10, 11, 12, 16, 20, 24, 32, 40, 48, 64, 80, 96]

    /// That a card has more bytes than its size in GB says, where that is the size of one that is sold; nil otherwise.
    private static func note(_ text: String, _ bytes: Int) -> String? {
        guard bytes.isMultiple(of: 1_000_000_000), soldSizes.contains(bytes / 1_000_000_000) else {
            return nil
        }
        let gibibytes = bytes / 1_000_000_000
        return """
            cards that are sold with \(gibibytes) GB have \(gibibytes) GiB: --card \(gibibytes)GiB leaves \
            \(ByteSize(gibibytes << 30 - bytes).decimal) more for the weights
            """
    }

    /// What is to run on a card of so many bytes.
    func request(bytes: Int) throws -> CardRequest {
        var request = CardRequest(bytes: bytes)
        if let runtime = try targetRuntime() {
            guard let known = runtime.onCard else {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        the memory that \(runtime.rawValue) needs besides the weights is not known; give the rest of the card as --budget
                        """
                )
            }
            request.runtime = known
            if runtime.rawValue != known.rawValue { request.programName = runtime.rawValue }
        }
        request.context = try context.map { try Self.tokens($0, of: "--context") }
        if let sequences {
            request.sequences = sequences
            request.given.insert(.sequences)
        }
        if let ubatch {
            request.microBatch = try Self.tokens(ubatch, of: "--ubatch")
            request.given.insert(.microBatch)
        }
        request.keepsWholeWindows = swaFull
        request.isUnified = kvUnified
        if kv != nil { request.given.insert(.cache) }
        let caches = try caches()
        guard caches.count == 1, let cache = caches.first else {
            throw Failure(
                code: Failure.usage,
                message: "--kv takes one format here; plan compare takes several"
            )
        }
        (request.keys, request.values) = (cache.keys, cache.values)
        if let resolution {
            request.image = try Self.image(resolution)
            request.given.insert(.image)
        }
        request.reserve = try reservedBytes
        request.driver = try overhead.map { try Self.size($0, of: "--overhead", mayBeNone: true) }
        request.margin = try margin.map { try Self.size($0, of: "--margin", mayBeNone: true) }
        request.companions = try beside.map(Self.companion)
        return request
    }

    /// What `--reserve` says, in bytes.
    var reservedBytes: Int? {
        get throws { try reserve.map { try Self.size($0, of: "--reserve", mayBeNone: true) } }
    }

    /// The formats of `--kv`; f16 without it.
    func caches() throws -> [Cache] {
        try (kv ?? CacheFormat.f16.rawValue).split(separator: ",", omittingEmptySubsequences: false).map {
            text in
            let text = text.trimmingCharacters(in: .whitespaces)
            let parts = text.split(separator: "/", omittingEmptySubsequences: false)
            let formats = parts.compactMap { CacheFormat(rawValue: $0.lowercased()) }
            guard formats.count == parts.count, let keys = formats.first, let values = formats.last,
                formats.count <= 2
            else {
                throw Failure(
                    code: Failure.usage,
                    message: """
                        --kv takes a format of llama.cpp's cache, not \(text.quoted): \
                        \(CacheFormat.names), or two with a / between them
                        """
                )
            }
            return Cache(text: text, keys: keys, values: values)
        }
    }

    /// The options that shape a plan, as they would be typed.
    var arguments: [String] {
        let named: [(String, String?)] = [
            ("--card", card), ("--runtime", runtime), ("--context", context), ("--kv", kv),
            ("--sequences", sequences.map(String.init)), ("--ubatch", ubatch),
        ]
        let flags = (swaFull ? ["--swa-full"] : []) + (kvUnified ? ["--kv-unified"] : [])
        let picture: [(String, String?)] = [("--resolution", resolution)]
        let sizes: [(String, String?)] = [
            ("--reserve", reserve), ("--overhead", overhead), ("--margin", margin),
        ]
        func typed(_ options: [(String, String?)]) -> [String] {
            options.flatMap { option, value in value.map { [option, $0] } ?? [] }
        }
        return typed(named) + flags + typed(picture) + beside.flatMap { ["--beside", $0] } + typed(sizes)
    }

    /// The options with another length of context, where that is not empty.
    func arguments(context: String) -> [String] {
        var own = self
        if !context.isEmpty { own.context = context }
        return own.arguments
    }

    /// A number of tokens: `32768`, or `32k` for 32 times 1,024.
    static func tokens(_ text: String, of option: String) throws -> Int {
        let isThousands = text.lowercased().hasSuffix("k")
        let digits = isThousands ? text.dropLast() : text[...]
        guard !digits.isEmpty, digits.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }),
            let number = Int(digits), number > 0, number <= 1 << 31
        else {
            throw Failure(
                code: Failure.usage,
                message: "\(option) takes a number of tokens, such as 32768 or 32k, not \(text.quoted)"
            )
        }
        return isThousands ? number * 1_024 : number
    }

    private static func size(_ text: String, of option: String, mayBeNone: Bool = false) throws -> Int {
        if mayBeNone, isNothing(text) { return 0 }
        if let bytes = Int(text), 0..<1 << 20 ~= bytes {
            throw Failure(
                code: Failure.usage,
                message: "\(option) \(text) is \(bytes) bytes; write a unit behind it, such as \(text)GiB"
            )
        }
        do throws(TensorError) {
            return try ByteSize(parsing: text).bytes
        } catch {
            throw Failure(code: Failure.usage, message: "cannot read \(option): \(error)")
        }
    }

    /// Whether a size is zero, in whatever unit.
    private static func isNothing(_ text: String) -> Bool {
        let digits = text.prefix { $0 == "0" || $0 == "." }
        let unit = text.dropFirst(digits.count).drop(while: \.isWhitespace)
        return (try? ByteSize(parsing: "1\(unit)")) != nil && Double(digits) == 0
    }

    private static func image(_ text: String) throws -> ImageSize {
        let sides = text.lowercased().split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count == 2, let width = sides[0], let height = sides[1] else {
            throw Failure(
                code: Failure.usage,
                message: "--resolution takes width and height, such as 1024x1024, not \(text.quoted)"
            )
        }
        return try ImageSize(width: width, height: height)
    }

    /// Another file: as a model where it is one, by its size where it is none.
    private static func companion(_ path: String) throws -> Companion {
        let name = InputFile.ownName(of: path, or: "another file")
        switch Result(catching: { () throws(CheckpointError) in try Model.read(path: path) }) {
        case .success(let model):
            return Companion(
                name: name,
                path: path,
                bytes: model.fileByteCount ?? model.storedByteCount,
                model: model
            )
        case .failure(.unrecognizedFile):
            let bytes = InputFile.byteCount(of: path) ?? 0
            return Companion(name: name, path: path, bytes: bytes, model: nil)
        case .failure(let error): throw error
        }
    }
}
