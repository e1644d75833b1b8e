public import Checkpoints
import Converters
public import Recipes

/// What of a model is planned for a converter, and what is not.
public struct PlannedPart: Sendable {
    /// The model or a part of it.
    public let model: Model
    /// The other parts of the pipeline, where the model is a whole one.
    public let pipeline: PipelineParts?
    /// Whether the diffusion model of the pipeline is planned alone, and not the whole.
    public let isOfPipeline: Bool
    /// The tensors with the state of the model's training that are left out; empty where none are.
    public let trainingState: [String]

    /// Chooses the part: of a whole checkpoint the diffusion model alone where this program writes the file, and nothing of the state of
    /// its training.
    ///
    /// - Parameters:
    ///   - whole: The model.
    ///   - converter: The converter that was named, or nil for the usual one.
    public init(of whole: Model, for converter: String?) {
        let takesPart = converter.map { (try? Converters.named($0))?.takesPartOfPipeline ?? false } ?? true
        pipeline = PipelineParts(whole)
        let part = pipeline != nil && takesPart ? whole.diffusionPart : nil
        isOfPipeline = part != nil
        let planned = part ?? whole
        let rest = takesPart ? planned.withoutTrainingState : nil
        model = rest ?? planned
        trainingState = rest == nil ? [] : planned.trainingState
    }
}

extension Model {
    /// The part of a model that a recipe is for: of a whole checkpoint the diffusion model, and the model without the state of its
    /// training, where that was planned.
    ///
    /// - Parameter recipe: The recipe.
    /// - Returns: The part with the recipe's digest, or the whole model where there is none.
    public func part(of recipe: Recipe) -> Model {
        let parts = [self, diffusionPart].compactMap(\.self)
        let all = parts + parts.compactMap(\.withoutTrainingState)
        return all.first { $0.digest == recipe.model.digest } ?? self
    }
}
