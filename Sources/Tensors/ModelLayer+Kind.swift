extension ModelLayer {
    /// What kind of layer it is: layers that differ only in where they stand are of one kind.
    ///
    /// It is the roles of its tensors, each once and in their order, with a plus between them: `attn_q`, `ffn_gate+ffn_up`.
    /// A layer with a tensor of no known role is of the kind of its name, with an asterisk for every number in it.
    public var kind: String {
        var roles: Set<TensorRole> = []
        for tensor in tensors {
            guard let role = TensorRole(tensorName: tensor.name) else { return nameWithoutNumbers }
            roles.insert(role)
        }
        return roles.isEmpty ? nameWithoutNumbers : roles.sorted().map(\.rawValue).joined(separator: "+")
    }

    private var nameWithoutNumbers: String {
        var result = ""
        var isInNumber = false
        for character in name {
            let isDigit = ("0"..."9").contains(character)
            if isDigit, !isInNumber { result += "*" }
            if !isDigit { result.append(character) }
            isInNumber = isDigit
        }
        return result
    }
}
