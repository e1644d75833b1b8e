import Checkpoints
import Recipes

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

    /// What is planned of a model for a converter: of a whole checkpoint the diffusion model alone where this program writes the
    /// file, which a note says.
    ///
    /// - Parameters:
    ///   - converter: The converter that was typed, or nil for the usual one.
    ///   - isSaid: Whether there is a note.
    /// - Returns: The model or a part of it.
    func planned(for converter: String?, isSaid: Bool = true) -> Model {
        guard let parts = PipelineParts(self) else { return self }
        let part = converter.map { $0.lowercased() == "plan" } ?? true ? diffusionPart : nil
        if isSaid {
            Console.note(part == nil ? parts.note(isDivided: diffusionPart != nil) : parts.noteOfPart)
        }
        return part ?? self
    }

    /// The model of a name or a path that a recipe is for: the diffusion model of a whole checkpoint, where that was planned.
    ///
    /// - Throws: As `Model.named(_:)`.
    static func source(named name: String, of recipe: Recipe) throws -> Model {
        let model = try source(named: name)
        guard let part = model.diffusionPart, part.digest == recipe.model.digest else { return model }
        return part
    }
}
