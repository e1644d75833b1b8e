public import Tensors

/// Tensors of one shape and type whose names differ only in numbers that count through a list, as those of blocks do.
public struct TensorFamily: Hashable, Sendable {
    /// The name that they share, with an asterisk for every number that counts.
    public let name: String
    /// The shape of each.
    public let shape: [Int]
    /// The type of each, or nil where the model does not say.
    public let type: QuantizationFormat?
    /// How many there are.
    public private(set) var count = 0
    /// One of them, whose size is that of each.
    public let example: TensorInfo

    /// The elements of all of them.
    public var elementCount: Int { count * example.elementCount }

    /// A model's families, in the order in which their first tensors stand in it.
    public static func families(of model: Model) -> [TensorFamily] {
        var families: [TensorFamily] = []
        var places: [Key: Int] = [:]
        for (tensor, name) in zip(model.tensors, sharedNames(model.tensors.map(\.name))) {
            let key = Key(name: name, shape: tensor.shape, type: tensor.elementType)
            let place = places[key] ?? families.count
            if place == families.count {
                places[key] = place
                families.append(
                    TensorFamily(name: name, shape: tensor.shape, type: tensor.elementType, example: tensor)
                )
            }
            families[place].count += 1
        }
        return families
    }

    private struct Key: Hashable {
        let name: String
        let shape: [Int]
        let type: QuantizationFormat?
    }

    /// Each name with an asterisk for the numbers that count.
    ///
    /// A number between dots counts where the numbers that stand in its place, behind the same beginning, follow one
    /// another without a gap: the blocks of a model do, and the parts of a module such as `img_mlp.0` and `img_mlp.2`,
    /// which have an activation between them, do not.
    public static func sharedNames(_ names: [String]) -> [String] {
        let parts = names.map {
            $0.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        }
        var shared = names.map { _ in "" }
        for depth in 0..<(parts.map(\.count).max() ?? 0) {
            var numbers: [String: Set<Int>] = [:]
            for (index, parts) in parts.enumerated() where depth < parts.count {
                if let number = number(parts[depth]) { numbers[shared[index], default: []].insert(number) }
            }
            let lists = numbers.filter { _, numbers in
                guard numbers.count > 1, let least = numbers.min(), let most = numbers.max() else {
                    return false
                }
                return most - least == numbers.count - 1
            }
            for (index, parts) in parts.enumerated() where depth < parts.count {
                let counts = lists[shared[index]] != nil && number(parts[depth]) != nil
                if depth > 0 { shared[index] += "." }
                shared[index] += counts ? "*" : String(Substring(parts[depth]))
            }
        }
        return shared
    }

    private static func number(_ part: Substring.UTF8View) -> Int? {
        // Nine digits are more than any list needs.
        guard (1...9).contains(part.count) else { return nil }
        var number = 0
        for byte in part {
            guard (0x30...0x39).contains(byte) else { return nil }
            number = number * 10 + Int(byte - 0x30)
        }
        return number
    }
}
