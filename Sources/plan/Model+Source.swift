import Checkpoints
import Planning
import Recipes
import Text

extension Model {
    /// The model of a name or a path as it is planned and cast: its scaled 8-bit floats multiplied out.
    ///
    /// - Throws: As `Model.named(_:)`.
    static func source(named name: String) throws -> Model {
        try named(name).multipliedOut
    }

    /// The model of a name or a path as it is planned for a converter: of a whole checkpoint the diffusion model alone where this
    /// program writes the file, which a note says.
    ///
    /// - Parameters:
    ///   - name: The name or the path.
    ///   - converter: The converter that was typed, or nil for the usual one.
    ///   - isSaid: Whether there is a note.
    /// - Returns: The model.
    /// - Throws: As `Model.named(_:)`.
    static func source(named name: String, plannedFor converter: String?, isSaid: Bool = true) throws -> Model
    {
        try source(named: name).planned(for: converter, isSaid: isSaid)
    }

    /// What is planned of a model for a converter, which notes say where it is not all.
    ///
    /// - Parameters:
    ///   - converter: The converter that was typed, or nil for the usual one.
    ///   - isSaid: Whether there are notes.
    /// - Returns: The model or a part of it.
    func planned(for converter: String?, isSaid: Bool = true) -> Model {
        let part = PlannedPart(of: self, for: converter)
        guard isSaid else { return part.model }
        if let pipeline = part.pipeline {
            Console.note(
                part.isOfPipeline
                    ? pipeline.noteOfPart(of: name) : pipeline.note(of: name, isDivided: diffusionPart != nil)
            )
        }
        if !part.trainingState.isEmpty {
            Console.note(
                """
                \(name.visible) has \(part.trainingState.count.of("tensor")) with the state of its training, which a GGUF file is made without, as \
                ComfyUI-GGUF's converter makes it: \(KeptLayers.list(part.trainingState))
                """
            )
        }
        return part.model
    }

    /// The model of a name or a path that a recipe is for: of a whole checkpoint the diffusion model, and the model without the state
    /// of its training, where that was planned.
    ///
    /// - Throws: As `Model.named(_:)`.
    static func source(named name: String, of recipe: Recipe) throws -> Model {
        try source(named: name).part(of: recipe)
    }
}
