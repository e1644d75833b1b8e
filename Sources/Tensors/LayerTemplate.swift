/// How the name of a layer is made from what a pattern captured in the name of a tensor.
///
/// Text stands for itself, and braces for a capture, counted from 1:
///
/// | written | becomes |
/// |---|---|
/// | `{0}` | the whole name that was matched |
/// | `{1}` | the first capture, as it is |
/// | `{1:02}` | the first capture as a number, with zeros in front to at least 2 digits |
/// | `{1+19}` | the first capture as a number, plus 19 |
/// | `{1+19:02}` | both |
public struct LayerTemplate: Hashable, Sendable, CustomStringConvertible {
    /// The template as it was written.
    public let template: String

    let parts: [Part]

    enum Part: Hashable, Sendable {
        case text(String)
        case capture(Int)
        case number(capture: Int, offset: Int, width: Int)
    }

    /// Reads a template.
    ///
    /// - Throws: ``TensorError/malformedTemplate(_:part:)``.
    public init(_ template: String) throws(TensorError) {
        var parts: [Part] = []
        var rest = template[...]
        while !rest.isEmpty {
            let text = rest.prefix { $0 != "{" && $0 != "}" }
            rest = rest[text.endIndex...]
            if !text.isEmpty { parts.append(.text(String(text))) }
            guard let brace = rest.first else { break }
            guard brace == "{", let close = rest.firstIndex(of: "}") else {
                throw .malformedTemplate(template, part: String(rest))
            }
            let inside = rest[rest.index(after: rest.startIndex)..<close]
            rest = rest[rest.index(after: close)...]
            guard let part = Self.part(inside) else {
                throw .malformedTemplate(template, part: "{\(inside)}")
            }
            parts.append(part)
        }
        guard !parts.isEmpty else { throw .malformedTemplate(template, part: "") }
        self.template = template
        self.parts = parts
    }

    /// Reads what stands between two braces.
    private static func part(_ inside: Substring) -> Part? {
        let digits = inside.prefix { $0 != "+" && $0 != ":" }
        guard let capture = number(digits) else { return nil }
        var rest = inside[digits.endIndex...]
        if rest.isEmpty { return .capture(capture) }
        var offset = 0
        if rest.first == "+" {
            let digits = rest.dropFirst().prefix { $0 != ":" }
            guard let number = number(digits) else { return nil }
            offset = number
            rest = rest[digits.endIndex...]
        }
        if rest.isEmpty { return .number(capture: capture, offset: offset, width: 1) }
        let width = rest.dropFirst()
        guard rest.first == ":", width.count == 2, width.first == "0", let width = number(width) else {
            return nil
        }
        return .number(capture: capture, offset: offset, width: width)
    }

    /// The template as it was written.
    public var description: String { template }

    /// The highest capture that the template uses, 0 if it uses none.
    var highestCapture: Int {
        parts.reduce(0) { highest, part in
            switch part {
            case .text: highest
            case .capture(let capture), .number(let capture, _, _): max(highest, capture)
            }
        }
    }

    /// The layer's name, or nil if a capture that should be a number is none.
    func name(for tensor: String, captures: [Substring]) -> String? {
        func captured(_ capture: Int) -> Substring? {
            guard capture > 0 else { return tensor[...] }
            return capture <= captures.count ? captures[capture - 1] : nil
        }
        var name = ""
        for part in parts {
            switch part {
            case .text(let text):
                name += text
            case .capture(let capture):
                guard let text = captured(capture) else { return nil }
                // A name that is a capture and nothing else, as those of most layers are, is made in one piece.
                if parts.count == 1 { return String(text) }
                name += text
            case .number(let capture, let offset, let width):
                guard let number = captured(capture).flatMap(Self.number) else { return nil }
                let (sum, overflow) = number.addingReportingOverflow(offset)
                guard !overflow else { return nil }
                let digits = String(sum)
                name += String(repeating: "0", count: max(0, width - digits.count)) + digits
            }
        }
        return name
    }

    /// The number that decimal digits write, or nil for anything else, a sign included.
    private static func number(_ digits: Substring) -> Int? {
        guard digits.utf8.allSatisfy({ $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }) else {
            return nil
        }
        return Int(digits)
    }
}
