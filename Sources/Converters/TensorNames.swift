/// Names of tensors as the recipe and a finished file may write them.
package enum TensorNames {
    /// The name without the prefixes that some writers of image models add and others take away.
    package static func bare(_ name: String) -> String {
        for prefix in ["model.diffusion_model.", "diffusion_model."] where name.hasPrefix(prefix) {
            return String(name.dropFirst(prefix.count))
        }
        return name
    }
}
