extension Recipe {
    /// The JSON Schema of ``formatVersion``, as JSON that ends with a newline.
    public static var schema: String {
        String(decoding: PackageResources.recipe_v1_schema_json, as: UTF8.self)
    }
}
