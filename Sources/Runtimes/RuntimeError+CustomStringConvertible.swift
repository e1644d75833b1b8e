import Text

extension RuntimeError: CustomStringConvertible {
    /// The cause, then the remedy where there is one.
    public var description: String {
        switch self {
        case .noNetwork(let model):
            "\(model.quoted) does not say what kind of network it is, so the memory that a runtime needs besides its weights is "
                + "not known; state how much to keep free of the card"
        case .unknownCache(let architecture, let runtime):
            "the cache of \(runtime) for the architecture \(architecture.quoted) is not known; state how much to keep free "
                + "of the card"
        case .noContext(let model):
            "\(model.quoted) does not say how long a context it was trained for; state how long it is to be"
        case .contextsAlike(let model):
            "what llama.cpp caches of \(model.quoted) is not known, and what you state to keep free stands for any length of "
                + "context, so lengths cannot be compared; plan for one"
        case .missingValue(let key):
            "the model's file has no \(key.quoted), on which the size of the cache depends; state how much to keep free "
                + "of the card"
        case .nothingStated(let key):
            "the model's file says 0 for \(key.quoted), so nothing would be cached; state how much to keep free of the card"
        case .impossibleValue(let key, let detail):
            "the model's file has an impossible \(key.quoted): \(detail)"
        case .cacheFormatsDiffer(let keys, let values, let architecture):
            "llama.cpp refuses a cache of \(keys) keys and \(values) values for \(architecture.quoted), whose values "
                + "are a part of its keys; take one format for both"
        case .cacheBlockDoesNotDivide(let part, let format, let block, let length):
            "llama.cpp refuses \(part) in \(format): its block of \(block) does not divide \(length); take f16"
        case .valuesNeedFlashAttention(let format):
            "llama.cpp refuses values in \(format) without flash attention; switch it on, or take f16"
        case .unplaceable(let tensor):
            "no rule of llama.cpp's -ot can move \(tensor.quoted) alone; rename the tensor"
        case .blocksNotKnown(let model):
            "the cache of llama.cpp for each block of \(model.quoted) is not known, so its layers cannot be put on several "
                + "devices; plan for one card, and state how much to keep free of it"
        case .placesNothing(let runtime):
            "\(runtime) moves weights between card and memory by itself and cannot be told where each is; plan for one card"
        case .wrongRuntime(let model, let runtime, let others):
            "\(runtime) does not run \(model.quoted)"
                + (others.isEmpty
                    ? "" : "; \(others.joined(separator: " and ")) \(others.count == 1 ? "does" : "do")")
        case .settingWithoutPart(let name, let runtime):
            "\(name) changes nothing in the memory of \(runtime), which runs models of another kind; leave it out"
        case .settingOutOfRange(let name, let value, let range):
            "\(name) is \(value), and has to be from \(range.lowerBound) to \(range.upperBound)"
        }
    }
}
