import Text
import Tensors

/// A line of a file of measured errors: a JSON object of which every key stands once.
struct EstimateRecord {
    private var members: [String: JSONNode] = [:]

    /// Reads a line, or nil if it is no such object.
    init?(line: some Collection<UInt8>) {
        guard let text = String(validating: line, as: UTF8.self),
            let node = try? JSONTree.parse(text)
        else { return nil }
        self.init(node)
    }

    /// Takes the members of a value, or nil if it is no such object.
    init?(_ node: JSONNode) {
        guard case .object(let list) = node.value else { return nil }
        for member in list {
            guard members.updateValue(member.value, forKey: member.key) == nil else { return nil }
        }
    }

    /// The value of a key, or nil.
    subscript(key: String) -> JSONNode? { members[key] }

    func text(_ key: String) -> String? {
        guard case .string(let text) = members[key]?.value else { return nil }
        return text
    }

    func texts(_ key: String) -> [String]? {
        guard case .array(let elements) = members[key]?.value else { return nil }
        var texts: [String] = []
        for element in elements {
            guard case .string(let text) = element.value else { return nil }
            texts.append(text)
        }
        return texts
    }

    /// A finite number.
    func number(_ key: String) -> Double? { members[key].flatMap(Self.number) }

    func integer(_ key: String) -> Int? {
        guard case .number(let text) = members[key]?.value else { return nil }
        return Int(text)
    }

    func boolean(_ key: String) -> Bool? {
        guard case .boolean(let boolean) = members[key]?.value else { return nil }
        return boolean
    }

    /// A sum and its standard error, `[value, error]`, neither of them negative; or `"inf"`.
    static func sum(_ node: JSONNode) -> EstimatedSum? {
        if case .string("inf") = node.value { return EstimatedSum(value: .infinity, standardError: 0) }
        guard case .array(let elements) = node.value, elements.count == 2,
            let value = number(elements[0]), let error = number(elements[1]), value >= 0, error >= 0
        else { return nil }
        return EstimatedSum(value: value, standardError: error)
    }

    private static func number(_ node: JSONNode) -> Double? {
        guard case .number(let text) = node.value, let number = Double(text), number.isFinite else {
            return nil
        }
        return number
    }
}

extension TensorEstimate {
    /// The estimate as a line of JSON.
    ///
    /// - Parameter formats: The names of the formats, in the order of the errors.
    /// - Returns: The line's object.
    func json(formats: [String]) -> JSONValue {
        var members: [JSONValue.Member] = [
            .init(key: "tensor", value: .string(tensor)),
            .init(key: "rows", value: .integer(rowCount)),
            .init(key: "measured", value: .integer(measuredRows)),
            .init(key: "importance", value: .boolean(hasImportance)),
        ]
        if let inputs { members.append(.init(key: "inputs", value: .string(inputs.rawValue))) }
        members += plain.jsonMembers(formats: formats)
        for (key, errors) in [("weighted", weighted), ("losses", losses)] {
            guard let errors else { continue }
            members.append(.init(key: key, value: .object(errors.jsonMembers(formats: formats))))
        }
        return .object(members)
    }

    /// Reads an estimate, or nil if the line is none.
    init?(_ record: EstimateRecord, formats: [String]) {
        guard let tensor = record.text("tensor"), let rowCount = record.integer("rows"),
            let measuredRows = record.integer("measured"), rowCount >= 1,
            (1...rowCount).contains(measuredRows), let hasImportance = record.boolean("importance"),
            let plain = OutputErrors(record, formats: formats)
        else { return nil }
        var others: [String: OutputErrors] = [:]
        for key in ["weighted", "losses"] {
            guard let node = record[key] else { continue }
            guard let part = EstimateRecord(node), let errors = OutputErrors(part, formats: formats),
                // A format fits by every norm or by none.
                zip(errors.errors, plain.errors).allSatisfy({ ($0 == nil) == ($1 == nil) })
            else { return nil }
            others[key] = errors
        }
        var inputs: InputSource?
        if record["inputs"] != nil {
            guard let source = record.text("inputs").flatMap(InputSource.init(rawValue:)) else { return nil }
            inputs = source
        }
        // Losses take the place of weighted errors.
        let isWeighted = others["losses"] == nil && (inputs?.isFilledIn ?? hasImportance)
        guard isWeighted == (others["weighted"] != nil) else { return nil }
        self.init(
            tensor: tensor,
            rowCount: rowCount,
            measuredRows: measuredRows,
            plain: plain,
            weighted: others["weighted"],
            losses: others["losses"],
            hasImportance: hasImportance,
            inputs: inputs
        )
    }
}

extension OutputErrors {
    /// The errors as members of a line.
    fileprivate func jsonMembers(formats: [String]) -> [JSONValue.Member] {
        [
            .init(key: "signal", value: Self.json(signal)),
            .init(
                key: "errors",
                value: .object(
                    zip(formats, errors).map { format, error in
                        JSONValue.Member(key: format, value: error.map(Self.json) ?? .null)
                    }
                )
            ),
        ]
    }

    private static func json(_ sum: EstimatedSum) -> JSONValue {
        sum.value.isInfinite ? "inf" : [.number(sum.value), .number(sum.standardError)]
    }

    /// Reads errors, or nil if there are none.
    fileprivate init?(_ record: EstimateRecord, formats: [String]) {
        guard let signal = record["signal"].flatMap(EstimateRecord.sum), signal.value.isFinite,
            case .object(let members) = record["errors"]?.value, members.map(\.key) == formats
        else { return nil }
        var errors: [EstimatedSum?] = []
        for member in members {
            if case .null = member.value.value {
                errors.append(nil)
            } else if let sum = EstimateRecord.sum(member.value) {
                errors.append(sum)
            } else {
                return nil
            }
        }
        self.init(signal: signal, errors: errors)
    }
}
