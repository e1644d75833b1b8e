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
/// A table that was made with an importance matrix has `"importance": {"name": "imatrix.gguf", "digest": "fnv1a64:…"}`.
///
/// A plan for the least bytes has `"budget": {"impact": 2.5}`, and its proof's objective is `bytes`. Later versions of the program may add members to any object, which readers pass over. There are no dates and no timings in a recipe: the same input gives the same bytes.
public struct Recipe: Hashable, Sendable {
    /// The version of the recipe's format that this program writes.
    public static let formatVersion = 1

    /// The program that made a recipe, and how it was asked.
    public struct Generator: Hashable, Sendable, Decodable {
        /// The program's name.
        public var name: String
        /// The program's version.
        public var version: String
        /// The arguments that shape the plan, without where it is written.
        public var arguments: [String]

        /// Creates a generator.
        public init(name: String = "plan", version: String, arguments: [String]) {
            self.name = name
            self.version = version
            self.arguments = arguments
        }
    }

    /// The model that a recipe is for.
    public struct ModelReference: Hashable, Sendable, Decodable {
        /// The model's name.
        public var name: String
        /// The number of its parameters.
        public var parameters: Int
        /// The digest of its tensors' names, shapes and types.
        public var digest: String

        /// Creates a reference.
        public init(name: String, parameters: Int, digest: String) {
            self.name = name
            self.parameters = parameters
            self.digest = digest
        }
    }

    /// The impact table that a recipe was planned on.
    public struct TableReference: Hashable, Sendable, Decodable {
        /// The table's name.
        public var name: String
        /// The digest of its layers, formats and cells.
        public var digest: String
        /// What its cells are: `amplitude`, `loss` or `unknown`; recipes that do not say have `unknown`.
        public var kind: String
        /// The quantity of its cells and its unit, where the table says it.
        public var unit: String?
        /// How its cells were made, where the table says it.
        public var method: String?

        /// Creates a reference.
        public init(
            name: String,
            digest: String,
            kind: String = "unknown",
            unit: String? = nil,
            method: String? = nil
        ) {
            self.name = name
            self.digest = digest
            self.kind = kind
            self.unit = unit
            self.method = method
        }

        private enum CodingKeys: CodingKey {
            case name, digest, kind, unit, method
        }

        /// Decodes a reference; what is not there is not known.
        public init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: CodingKeys.self)
            name = try values.decode(String.self, forKey: .name)
            digest = try values.decode(String.self, forKey: .digest)
            kind = try values.decodeIfPresent(String.self, forKey: .kind) ?? "unknown"
            unit = try values.decodeIfPresent(String.self, forKey: .unit)
            method = try values.decodeIfPresent(String.self, forKey: .method)
        }
    }

    /// The importance matrix that a recipe's table was made with.
    public struct Importance: Hashable, Sendable, Decodable {
        /// The name of its file, without folders.
        public var name: String
        /// The digest of its content.
        public var digest: String

        /// Creates a reference.
        public init(name: String, digest: String) {
            self.name = name
            self.digest = digest
        }
    }

    /// The size of the finished file.
    public struct Size: Hashable, Sendable, Decodable {
        /// The whole file, in bytes.
        public var bytes: Int
        /// The whole file's bits per parameter of the model.
        public var bitsPerWeight: Double
        /// The bytes of planned and kept tensors.
        public var tensorData: Int
        /// The bytes that the header and the padding between tensors add.
        public var headerAndAlignment: Int
        /// What of this is known to the byte: `file`, `tensorData` or `plannedLayers`.
        public var exact: String

        /// Creates a size.
        public init(
            bytes: Int,
            bitsPerWeight: Double,
            tensorData: Int,
            headerAndAlignment: Int,
            exact: String
        ) {
            self.bytes = bytes
            self.bitsPerWeight = bitsPerWeight
            self.tensorData = tensorData
            self.headerAndAlignment = headerAndAlignment
            self.exact = exact
        }
    }

    /// What a plan has to keep to.
    public enum Limit: Hashable, Sendable {
        /// The most bytes that the file may have; the impact is the least there is.
        case bytes(Int)
        /// The most combined impact; the file is the smallest there is.
        case impact(Double)
    }

    /// The combined impact.
    public struct Impact: Hashable, Sendable, Decodable {
        /// The combined impact.
        public var total: Double
        /// The rule that combines the layers' impacts: `sum`, `rss` or `max`.
        public var combine: String

        /// Creates an impact.
        public init(total: Double, combine: String) {
            self.total = total
            self.combine = combine
        }
    }

    /// The second budget that a plan keeps to.
    public struct Slowdown: Hashable, Sendable, Decodable {
        /// The most that the model may cost, as a multiple of what it costs in the source format.
        public var factor: Double
        /// The digest of the table of costs.
        public var costs: String

        /// Creates a second budget.
        public init(factor: Double, costs: String) {
            self.factor = factor
            self.costs = costs
        }
    }

    /// How good the plan is known to be.
    public struct Proof: Hashable, Sendable, Decodable {
        /// What found the plan: `glpk`, `dominance` or `greedy`.
        public var solver: String
        /// `optimal` or `feasible`.
        public var status: String
        /// What the plan minimises: `impact` or `bytes`.
        public var objective: String
        /// A proven lower limit on the objective of any admissible plan.
        public var bound: Double
        /// `(objective − bound) / objective`.
        public var gap: Double

        /// Creates a proof.
        public init(solver: String, status: String, objective: String, bound: Double, gap: Double) {
            self.solver = solver
            self.status = status
            self.objective = objective
            self.bound = bound
            self.gap = gap
        }
    }

    /// One planned layer.
    public struct Layer: Hashable, Sendable, Decodable {
        /// The layer's name.
        public var layer: String
        /// The format its tensors take.
        public var format: String
        /// Its tensors' bytes in that format.
        public var bytes: Int
        /// Its impact in that format.
        public var impact: Double
        /// Its tensors' names, in the model's order.
        public var tensors: [String]

        /// Creates a layer.
        public init(layer: String, format: String, bytes: Int, impact: Double, tensors: [String]) {
            self.layer = layer
            self.format = format
            self.bytes = bytes
            self.impact = impact
            self.tensors = tensors
        }
    }

    /// One tensor that is not planned.
    public struct Kept: Hashable, Sendable, Decodable {
        /// The tensor's name.
        public var tensor: String
        /// The format it is kept in.
        public var format: String
        /// Its bytes in that format.
        public var bytes: Int

        /// Creates a kept tensor.
        public init(tensor: String, format: String, bytes: Int) {
            self.tensor = tensor
            self.format = format
            self.bytes = bytes
        }
    }

    /// What made the recipe.
    public var generator: Generator
    /// What it is for.
    public var model: ModelReference
    /// What it was planned on.
    public var impacts: TableReference
    /// The importance matrix that the table was made with, or `nil`.
    public var importance: Importance?
    /// The converter whose formats and granularity bound the plan, or `nil`.
    public var converter: String?
    /// What the plan has to keep to.
    public var limit: Limit
    /// The size of the file.
    public var size: Size
    /// The combined impact.
    public var impact: Impact
    /// The second budget, where there is one.
    public var slowdown: Slowdown?
    /// How good the plan is known to be.
    public var proof: Proof
    /// The planned layers, in the model's order.
    public var layers: [Layer]
    /// The kept tensors, in the model's order.
    public var kept: [Kept]

    /// Creates a recipe from its parts.
    public init(
        generator: Generator,
        model: ModelReference,
        impacts: TableReference,
        importance: Importance? = nil,
        converter: String?,
        limit: Limit,
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
        self.size = size
        self.impact = impact
        self.slowdown = slowdown
        self.proof = proof
        self.layers = layers
        self.kept = kept
    }
}
