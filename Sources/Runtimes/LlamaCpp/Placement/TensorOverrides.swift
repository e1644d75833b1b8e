/// The rules by which llama.cpp puts the weights of some tensors on another device: `-ot PATTERN=BUFFER,…`.
///
/// A pattern is a regular expression that is looked for anywhere in the tensor's name, and the first rule that matches wins
/// (`common/arg.cpp` and `llama-model-loader.cpp`). The text is split at every comma and then at the first equals sign, so no pattern
/// can hold either. Here every pattern is anchored at both ends and names its tensors exactly, those that differ in the number of
/// the block alone in one rule; what the rules do is then read back for every tensor of the model by ``device(of:)``.
public struct TensorOverrides: Hashable, Sendable {
    /// One rule.
    public struct Rule: Hashable, Sendable {
        /// The regular expression.
        public let pattern: String
        /// The name of the device's buffer, such as `CPU` or `CUDA1`.
        public let buffer: String
    }

    /// The rules, in the order in which they are tried.
    public let rules: [Rule]

    /// Writes the rules for tensors that go elsewhere.
    ///
    /// - Parameters:
    ///   - places: The buffer of every tensor that does not go where the program would put it.
    ///   - tensors: The names of all tensors of the model, in its order.
    /// - Throws: ``RuntimeError/unplaceable(tensor:)`` for a name with a comma or an equals sign, which no rule can hold, and where
    ///   the rules, read back, would move a tensor otherwise than was wanted.
    public init(_ places: [String: String], tensors: [String]) throws(RuntimeError) {
        var order: [Template] = []
        var blocks: [Template: [String]] = [:]
        for name in tensors {
            guard let buffer = places[name] else { continue }
            guard !name.contains(","), !name.contains("=") else { throw .unplaceable(tensor: name) }
            let (template, block) = Template.of(name, buffer: buffer)
            if blocks[template] == nil { order.append(template) }
            blocks[template, default: []].append(block)
        }
        rules = order.map { Rule(pattern: $0.pattern(blocks[$0] ?? []), buffer: $0.buffer) }
        for name in tensors where device(of: name) != places[name] { throw .unplaceable(tensor: name) }
    }

    /// The rules as one argument of the command line, or nil where there are none.
    public var argument: String? {
        rules.isEmpty ? nil : rules.map { "\($0.pattern)=\($0.buffer)" }.joined(separator: ",")
    }

    /// The buffer that the rules give a tensor, or nil where none matches: the argument read as llama.cpp reads it.
    public func device(of tensor: String) -> String? {
        for rule in (argument ?? "").split(separator: ",") {
            guard let equals = rule.firstIndex(of: "="),
                let pattern = try? Regex(String(rule[..<equals]))
            else { continue }
            if (try? pattern.firstMatch(in: tensor)) ?? nil != nil {
                return String(rule[rule.index(after: equals)...])
            }
        }
        return nil
    }

    /// A tensor's name but for the number of its block.
    private struct Template: Hashable {
        let before: String
        let after: String?
        let buffer: String

        static func of(_ name: String, buffer: String) -> (template: Template, block: String) {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            guard
                let place = parts.indices.first(where: { place in
                    place > 0 && !parts[place].isEmpty && parts[place].utf8.allSatisfy { 0x30...0x39 ~= $0 }
                })
            else { return (Template(before: name, after: nil, buffer: buffer), "") }
            let before = parts[..<place].joined(separator: ".") + "."
            let after = parts[place...].dropFirst().map { "." + $0 }.joined()
            return (Template(before: before, after: after, buffer: buffer), String(parts[place]))
        }

        func pattern(_ blocks: [String]) -> String {
            guard let after else { return "^\(Self.escaped(before))$" }
            let numbers = blocks.count == 1 ? blocks[0] : "(\(blocks.joined(separator: "|")))"
            return "^\(Self.escaped(before))\(numbers)\(Self.escaped(after))$"
        }

        private static func escaped(_ text: String) -> String {
            var result = ""
            for character in text {
                if #"\^$.|?*+()[]{}"#.contains(character) { result += "\\" }
                result.append(character)
            }
            return result
        }
    }
}
