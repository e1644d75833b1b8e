import Text

extension Recipe {
    /// The one description of a recipe's JSON, for reading, for writing, and for the test of the schema.
    static let form: JSONForm<Recipe> = .object(
        JSONField("version", .count) { _ in formatVersion },
        JSONField("generator", Generator.form) { $0.generator },
        JSONField("model", ModelReference.form) { $0.model },
        JSONField("impacts", TableReference.form) { $0.impacts },
        JSONField("importance", .nullable(Importance.form), whereAbsent: nil) { $0.importance },
        JSONField("converter", .nullable(.text)) { $0.converter },
        JSONField("budget", Limit.form) { ($0.limit, $0.card, $0.devices) },
        JSONField("size", Size.form) { $0.size },
        JSONField("impact", Impact.form) { $0.impact },
        JSONField(optional: "slowdown", Slowdown.form) { $0.slowdown },
        JSONField("proof", Proof.form) { $0.proof },
        JSONField("layers", .array(of: Layer.form, least: 1)) { $0.layers },
        JSONField("kept", .array(of: Kept.form)) { $0.kept }
    ) {
        _,
        generator,
        model,
        impacts,
        importance,
        converter,
        budget,
        size,
        impact,
        slowdown,
        proof,
        layers,
        kept in
        Recipe(
            generator: generator,
            model: model,
            impacts: impacts,
            importance: importance,
            converter: converter,
            limit: budget.limit,
            card: budget.card,
            devices: budget.devices,
            size: size,
            impact: impact,
            slowdown: slowdown,
            proof: proof,
            layers: layers,
            kept: kept
        )
    }
}

extension Recipe.Generator {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("version", .text) { $0.version },
        JSONField("arguments", .array(of: .text)) { $0.arguments }
    ) { Self(name: $0, version: $1, arguments: $2) }
}

extension Recipe.ModelReference {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("parameters", .count) { $0.parameters },
        JSONField("digest", .text) { $0.digest }
    ) { Self(name: $0, parameters: $1, digest: $2) }
}

extension Recipe.TableReference {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("name", .text) { $0.name },
        JSONField("digest", .text) { $0.digest },
        JSONField("kind", .word, whereAbsent: .unknown) { $0.kind },
        JSONField("unit", .nullable(.text), whereAbsent: nil) { $0.unit },
        JSONField("method", .nullable(.text), whereAbsent: nil) { $0.method },
        JSONField(optional: "encoderImportance", .name) { $0.encoderImportance },
        JSONField(optional: "gradients", Recipe.Importance.gradients) { $0.gradients },
        JSONField(optional: "uncertainty", .figure) { $0.uncertainty }
    ) {
        Self(
            name: $0,
            digest: $1,
            kind: $2,
            unit: $3,
            method: $4,
            encoderImportance: $5,
            gradients: $6,
            uncertainty: $7
        )
    }
}

extension Recipe.Importance {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("digest", .text) { $0.digest },
        JSONField(optional: "filled", .array(of: .name, least: 1)) { $0.filled.isEmpty ? nil : $0.filled }
    ) { Self(name: $0, digest: $1, filled: $2 ?? []) }

    fileprivate static let gradients: JSONForm<Self> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("digest", .text) { $0.digest }
    ) { Self(name: $0, digest: $1) }
}

extension Recipe.Limit {
    fileprivate static let form: JSONForm<(limit: Self, card: Recipe.Card?, devices: Recipe.Devices?)> = {
        let members = JSONForm<(bytes: Int?, card: Recipe.Card?, impact: Double?, devices: Recipe.Devices?)>
            .object(
                JSONField(optional: "bytes", .count) { $0.bytes },
                JSONField(optional: "card", Recipe.Card.form) { $0.card },
                JSONField(optional: "impact", .figure) { $0.impact },
                JSONField(optional: "devices", Recipe.Devices.form) { $0.devices }
            ) { (bytes: $0, card: $1, impact: $2, devices: $3) }
        return JSONForm(
            members.shape,
            read: { (place) throws(JSONError) in
                switch try members.read(place) {
                case (let bytes?, let card, nil, let devices) where card == nil || devices == nil:
                    (.bytes(bytes), card, devices)
                case (nil, nil, let impact?, let devices): (.impact(impact), nil, devices)
                default:
                    throw place.error(
                        "needs bytes or impact, one of the two; a card goes with bytes only, and not with devices"
                    )
                }
            },
            write: { budget in
                switch budget.limit {
                case .bytes(let bytes): members.write((bytes, budget.card, nil, budget.devices))
                case .impact(let impact): members.write((nil, nil, impact, budget.devices))
                }
            }
        )
    }()
}

extension Recipe.Devices {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("runtime", .name) { $0.runtime },
        JSONField("cache", Recipe.Card.Cache.form) { $0.cache },
        JSONField(optional: "minSpeed", .figure) { $0.minimumSpeed },
        JSONField(optional: "speed", .figure) { $0.speed },
        JSONField("places", .array(of: Place.form, least: 1)) { $0.places }
    ) { Self(runtime: $0, cache: $1, minimumSpeed: $2, speed: $3, places: $4) }
}

extension Recipe.Devices.Place {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("buffer", .name) { $0.buffer },
        JSONField("bytes", .count) { $0.bytes },
        JSONField(optional: "bandwidth", .figure) { $0.bandwidth },
        JSONField("units", .count) { $0.units },
        JSONField("weights", .count) { $0.weights },
        JSONField("cache", .count) { $0.cache },
        JSONField("claims", .array(of: Recipe.Card.Claim.form)) { $0.claims }
    ) {
        Self(
            name: $0,
            buffer: $1,
            bytes: $2,
            bandwidth: $3,
            units: $4,
            weights: $5,
            cache: $6,
            claims: $7
        )
    }
}

extension Recipe.Card {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("bytes", .count) { $0.bytes },
        JSONField("runtime", .name) { $0.runtime },
        JSONField(optional: "cache", Cache.form) { $0.cache },
        JSONField(optional: "resolution", .name) { $0.resolution },
        JSONField("claims", .array(of: Claim.form)) { $0.claims },
        JSONField("offCard", .count) { $0.offCard }
    ) { Self(bytes: $0, runtime: $1, cache: $2, resolution: $3, claims: $4, offCard: $5) }
}

extension Recipe.Card.Cache {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("context", .count) { $0.context },
        JSONField("sequences", .count) { $0.sequences },
        JSONField("keys", .name) { $0.keys },
        JSONField("values", .name) { $0.values },
        JSONField(optional: "ubatch", .count) { $0.tokensAtOnce },
        JSONField(optional: "swaFull", .boolean) { $0.keepsWholeWindows ? true : nil },
        JSONField(optional: "unified", .boolean) { $0.isUnified ? true : nil }
    ) {
        Self(
            context: $0,
            sequences: $1,
            keys: $2,
            values: $3,
            tokensAtOnce: $4,
            keepsWholeWindows: $5 ?? false,
            isUnified: $6 ?? false
        )
    }
}

extension Recipe.Card.Claim {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("name", .name) { $0.name },
        JSONField("bytes", .count) { $0.bytes },
        JSONField("basis", .word) { $0.basis }
    ) { Self(name: $0, bytes: $1, basis: $2) }
}

extension Recipe.Slowdown {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("factor", .figure) { $0.factor },
        JSONField("costs", .text) { $0.costs }
    ) { Self(factor: $0, costs: $1) }
}

extension Recipe.Size {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("bytes", .count) { $0.bytes },
        JSONField("bitsPerWeight", .figure) { $0.bitsPerWeight },
        JSONField("tensorData", .count) { $0.tensorData },
        JSONField("headerAndAlignment", .count) { $0.headerAndAlignment },
        JSONField("exact", .word) { $0.exact }
    ) { Self(bytes: $0, bitsPerWeight: $1, tensorData: $2, headerAndAlignment: $3, exact: $4) }
}

extension Recipe.Impact {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("total", .figure) { $0.total },
        JSONField("combine", .word) { $0.combine }
    ) { Self(total: $0, combine: $1) }
}

extension Recipe.Proof {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("solver", .word) { $0.solver },
        JSONField("status", .word) { $0.status },
        JSONField("objective", .word) { $0.objective },
        JSONField("bound", .figure) { $0.bound },
        JSONField("gap", .figure) { $0.gap }
    ) { Self(solver: $0, status: $1, objective: $2, bound: $3, gap: $4) }
}

extension Recipe.Layer {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("layer", .name) { $0.layer },
        JSONField("format", .name) { $0.format },
        JSONField("bytes", .count) { $0.bytes },
        JSONField("impact", .figure) { $0.impact },
        JSONField("tensors", .array(of: .name, least: 1)) { $0.tensors },
        JSONField(optional: "device", .name) { $0.device }
    ) { Self(layer: $0, format: $1, bytes: $2, impact: $3, tensors: $4, device: $5) }
}

extension Recipe.Kept {
    fileprivate static let form: JSONForm<Self> = .object(
        JSONField("tensor", .name) { $0.tensor },
        JSONField("format", .name) { $0.format },
        JSONField("bytes", .count) { $0.bytes }
    ) { Self(tensor: $0, format: $1, bytes: $2) }
}
