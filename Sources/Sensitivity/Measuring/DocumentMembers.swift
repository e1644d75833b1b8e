import Text

/// Values of known kinds in an object.
struct DocumentMembers {
    private let members: JSONMembers

    init(_ members: JSONMembers) {
        self.members = members
    }

    func string(_ key: String) throws(SensitivityError) -> String {
        let node = try members.value(key)
        guard case .string(let text) = node.value else {
            throw members.unexpected(node, member: key, expected: "a string")
        }
        return text
    }

    func stream(_ key: String) throws(SensitivityError) -> Stream {
        let node = try members.value(key)
        guard case .string(let text) = node.value, let stream = Stream(rawValue: text) else {
            throw members.unexpected(node, member: key, expected: "img, txt or x")
        }
        return stream
    }

    func number(_ key: String) throws(SensitivityError) -> Double {
        let node = try members.value(key)
        guard let number = Self.number(node) else {
            throw members.unexpected(node, member: key, expected: "a finite number from 0 up")
        }
        return number
    }

    func integer(_ key: String) throws(SensitivityError) -> Int {
        let node = try members.value(key)
        guard case .number(let text) = node.value, let number = CellText.index(text[...]) else {
            throw members.unexpected(node, member: key, expected: "a whole number from 0 up")
        }
        return number
    }

    func optionalInteger(_ key: String) throws(SensitivityError) -> Int? {
        if case .null = try members.value(key).value { return nil }
        return try integer(key)
    }

    func array(_ key: String) throws(SensitivityError) -> [JSONNode] {
        let node = try members.value(key)
        guard case .array(let elements) = node.value else {
            throw members.unexpected(node, member: key, expected: "an array")
        }
        return elements
    }

    func signedIntegers(_ key: String) throws(SensitivityError) -> [Int] {
        var numbers: [Int] = []
        for element in try array(key) {
            guard case .number(let text) = element.value, let number = Int(text) else {
                throw members.unexpected(element, member: key, expected: "whole numbers")
            }
            numbers.append(number)
        }
        return numbers
    }

    func optionalString(_ key: String) throws(SensitivityError) -> String? {
        if case .null = try members.value(key).value { return nil }
        return try string(key)
    }

    func strings(_ key: String) throws(SensitivityError) -> [String] {
        var texts: [String] = []
        for element in try array(key) {
            guard case .string(let text) = element.value else {
                throw members.unexpected(element, member: key, expected: "strings")
            }
            texts.append(text)
        }
        return texts
    }

    func numbers(_ key: String) throws(SensitivityError) -> [Double] {
        var numbers: [Double] = []
        for element in try array(key) {
            guard let number = Self.number(element) else {
                throw members.unexpected(element, member: key, expected: "finite numbers from 0 up")
            }
            numbers.append(number)
        }
        return numbers
    }

    func moments(_ key: String) throws(SensitivityError) -> RunningMoments {
        try moments(members.value(key), key)
    }

    func momentsList(_ key: String) throws(SensitivityError) -> [RunningMoments] {
        var list: [RunningMoments] = []
        for element in try array(key) { list.append(try moments(element, key)) }
        return list
    }

    private func moments(_ node: JSONNode, _ key: String) throws(SensitivityError) -> RunningMoments {
        guard case .array(let elements) = node.value, elements.count == 3,
            case .number(let count) = elements[0].value,
            let count = CellText.index(count[...]), let mean = Self.number(elements[1]),
            let squares = Self.number(elements[2]),
            let moments = RunningMoments(count: count, mean: mean, squares: squares)
        else {
            throw members.unexpected(node, member: key, expected: "a count, a mean and a sum of squares")
        }
        return moments
    }

    private static func number(_ node: JSONNode) -> Double? {
        guard case .number(let text) = node.value, let number = Double(text), number.isFinite, number >= 0
        else {
            return nil
        }
        return number
    }
}
