/// What the codes of a group are multiplied by, and what is added to the products.
struct GroupScale {
    /// The scale's bits as they are stored.
    let bits: UInt32
    /// What the scale's bits stand for.
    let value: Float
    /// The bias, which is a value of the type that it is stored in; 0 for formats without.
    let bias: Float
}
