import Checkpoints
public import Estimation
public import Recipes
import Sensitivity
import Text

/// What encoders look at for the importance of a model's inputs, so that what a recipe was planned with can be told from what its file
/// is made with.
public struct ImportanceChoice: Hashable, Sendable {
    /// The fingerprint of the importance, which names its algorithm; nil for nothing.
    public let digest: String?
    /// The importance as a part of a sentence, such as `the importance matrix "imatrix.gguf"`.
    public let words: String

    /// Describes what the encoders of a file look at.
    ///
    /// - Parameter importance: What they look at.
    /// - Throws: `EstimationError.checkpoint(_:)` for a matrix that cannot be read.
    public init(_ importance: EncoderImportance) throws(EstimationError) {
        digest = try importance.reference()?.digest
        words =
            switch importance {
            case .none: Self.nothing
            case .ones: Self.words(ImportanceReference.ones.name)
            case .matrix(let matrix): "the importance matrix \(matrix.path.quoted)"
            }
    }

    /// Describes what a recipe's table was made with.
    ///
    /// - Parameter recipe: The recipe.
    public init(plannedFor recipe: Recipe) {
        if let importance = recipe.importance {
            (digest, words) = (importance.digest, "the importance matrix \(importance.name.quoted)")
        } else if let other = recipe.impacts.encoderImportance {
            digest = recipe.impacts.countsInputsAlike ? ImportanceReference.ones.digest : other
            words = Self.words(other)
        } else {
            (digest, words) = (nil, Self.nothing)
        }
    }

    private static let nothing = "no importance of the inputs"
    private static func words(_ name: String) -> String { "an importance of \(name)" }

    /// Whether two are the same importance, wherever it comes from.
    ///
    /// - Parameter other: The other.
    /// - Returns: Whether they are.
    public func isSame(as other: ImportanceChoice) -> Bool { digest == other.digest }

    /// Whether it comes from a file.
    public var isFile: Bool { digest != nil && digest != ImportanceReference.ones.digest }
}

extension EncoderImportance {
    /// What encoders take by a recipe where nothing is said of it: what its table was made with, as far as that comes from no file.
    ///
    /// - Parameters:
    ///   - recipe: The recipe.
    ///   - usual: What they take where the recipe says nothing of it.
    /// - Returns: What they take.
    /// - Throws: ``ConversionError/unknownImportance(_:)`` for something that is not known here.
    public static func planned(
        _ recipe: Recipe,
        usual: EncoderImportance
    ) throws(ConversionError) -> EncoderImportance {
        guard let planned = recipe.impacts.encoderImportance else { return usual }
        guard recipe.impacts.countsInputsAlike else { throw .unknownImportance(planned) }
        return .ones
    }
}

extension Recipe {
    /// Whether the importance of the inputs that the table was made with is the columns of its squared gradients.
    public var takesGradientColumns: Bool { importance != nil && importance?.name == impacts.gradients?.name }
}
