/// A plan written for a converter: the format of every tensor, with sizes, impact, proof and provenance.
///
/// Version 1 of the format, whose JSON Schema stands beside this file:
///
/// ```json
/// {
///   "version": 1,
///   "generator": {"name": "plan", "version": "0.1.0", "arguments": ["--budget", "9GB"]},
///   "model": {"name": "flux1-dev", "parameters": 11901408320, "digest": "fnv1a64:…"},
///   "impacts": {"name": "flux1-dev-table3", "digest": "fnv1a64:…", "kind": "amplitude", "unit": "S·sqrt(L/R)",
///               "method": null},
///   "importance": null,
///   "converter": null,
///   "budget": {"bytes": 9000000000},
///   "size": {"bytes": 8995022112, "bitsPerWeight": 6.05, "tensorData": 8994967808, "headerAndAlignment": 54304,
///            "exact": "file"},
///   "impact": {"total": 2.449754524519905, "combine": "sum"},
///   "proof": {"solver": "glpk", "status": "optimal", "objective": "impact", "bound": 2.449754524519905, "gap": 0},
///   "layers": [{"layer": "layer00.img", "format": "Q8_0", "bytes": 180486144, "impact": 0.138, "tensors": ["…"]}],
///   "kept": [{"tensor": "img_in.weight", "format": "BF16", "bytes": 393216}]
/// }
/// ```
///
/// A plan that also keeps to a second budget has `"slowdown": {"factor": 1.3, "costs": "fnv1a64:…"}` after its impact: the
/// model costs at most so many times what it costs in the source format, by a table of costs with that digest.
///
/// A table that was made with an importance matrix has `"importance": {"name": "imatrix.gguf", "digest": "fnv1a64:…"}`, where some
/// tensors were filled in also `"filled": ["output.weight"]`.
///
/// A table whose encoders took 1 for the importance of every input, as those of stable-diffusion.cpp do, has
/// `"encoderImportance": "ones"` among what is said of the impacts, and no importance matrix.
///
/// A plan for a card says in its budget how the budget came about, `bytes` being what the card leaves for the file,
/// `card.bytes - claims + offCard`:
///
/// ```json
/// "budget": {
///   "bytes": 23022501984,
///   "card": {
///     "bytes": 25769803776, "runtime": "llama.cpp",
///     "cache": {"context": 32768, "sequences": 1, "keys": "q8_0", "values": "q8_0"},
///     "claims": [{"name": "KV cache", "bytes": 2281701376, "basis": "computed"}],
///     "offCard": 295501824
///   }
/// }
/// ```
///
/// A plan for several devices says what is on each, `bytes` being what they hold of the file and what they leave, and its
/// layers name their device; places stand in the order in which blocks go to them:
///
/// ```json
/// "budget": {
///   "bytes": 41923502080,
///   "devices": {
///     "runtime": "llama.cpp", "cache": {"context": 32768, "sequences": 1, "keys": "f16", "values": "f16"},
///     "minSpeed": 12, "speed": 12.4,
///     "places": [
///       {"name": "gpu", "buffer": "CUDA0", "bytes": 25769803776, "bandwidth": 936000000000, "units": 49,
///        "weights": 18000000000, "cache": 3221225472, "claims": [{"name": "compute", "bytes": 310000000, "basis": "bound"}]}
///     ]
///   }
/// }
/// ```
///
/// A plan for the least time on devices has `"impact"` beside `"devices"`, and its proof's objective is `time`, in seconds.
///
/// A plan for the least bytes has `"budget": {"impact": 2.5}`, and its proof's objective is `bytes`. There are no dates and
/// no timings in a recipe: the same input gives the same bytes. What may change in the format is said in
/// <doc:TheRecipesVersions>.
public struct Recipe: Hashable, Sendable {
    /// The version of the recipe's format that this program writes and reads.
    public static let formatVersion = 1

    /// What made the recipe.
    public let generator: Generator
    /// What it is for.
    public let model: ModelReference
    /// What it was planned on.
    public let impacts: TableReference
    /// The importance matrix that the table was made with, or `nil`.
    public let importance: Importance?
    /// The converter whose formats and granularity bound the plan, or `nil`.
    public let converter: String?
    /// What the plan has to keep to.
    public let limit: Limit
    /// The card whose memory made the budget, where one did.
    public let card: Card?
    /// The devices that the plan was made for, where there are several.
    public let devices: Devices?
    /// The size of the file.
    public let size: Size
    /// The combined impact.
    public let impact: Impact
    /// The second budget, where there is one.
    public let slowdown: Slowdown?
    /// How good the plan is known to be.
    public let proof: Proof
    /// The planned layers, in the model's order.
    public let layers: [Layer]
    /// The kept tensors, in the model's order.
    public let kept: [Kept]

    /// Creates a recipe from its parts.
    public init(
        generator: Generator,
        model: ModelReference,
        impacts: TableReference,
        importance: Importance? = nil,
        converter: String?,
        limit: Limit,
        card: Card? = nil,
        devices: Devices? = nil,
        size: Size,
        impact: Impact,
        slowdown: Slowdown? = nil,
        proof: Proof,
        layers: [Layer],
        kept: [Kept]
    ) {
        self.generator = generator
        self.model = model
        self.impacts = impacts
        self.importance = importance
        self.converter = converter
        self.limit = limit
        self.card = card
        self.devices = devices
        self.size = size
        self.impact = impact
        self.slowdown = slowdown
        self.proof = proof
        self.layers = layers
        self.kept = kept
    }
    /// Creates a recipe of the same plan's provenance with another outcome.
    ///
    /// - Parameters:
    ///   - recipe: The recipe that says what was planned, and on what.
    ///   - converter: The converter.
    ///   - size: The size of the file.
    ///   - layers: The planned layers.
    ///   - kept: The kept tensors.
    package init(_ recipe: Recipe, converter: String?, size: Size, layers: [Layer], kept: [Kept]) {
        self.init(
            generator: recipe.generator,
            model: recipe.model,
            impacts: recipe.impacts,
            importance: recipe.importance,
            converter: converter,
            limit: recipe.limit,
            card: recipe.card,
            devices: recipe.devices,
            size: size,
            impact: recipe.impact,
            slowdown: recipe.slowdown,
            proof: recipe.proof,
            layers: layers,
            kept: kept
        )
    }
}
