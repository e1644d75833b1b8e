import Tensors

/// What casts rows to a format: one set of functions per format, compiled for it.
struct Caster: Sendable {
    let encode: @Sendable (RowMemory) -> [UInt8]
    let decode: @Sendable (Span<UInt8>, Int) -> [Float]
    let squaredErrors: @Sendable (RowMemory) -> SquaredErrors

    /// Finds the functions of a format, or nil where there are none.
    ///
    /// - Parameters:
    ///   - format: The format.
    ///   - source: The type that the weights are stored in, see ``RowCodec/init(_:source:)``.
    init?(_ format: QuantizationFormat, source: QuantizationFormat) {
        if QuantizationFormat.mlx.contains(format) {
            self.init(mlx: format, source: source)
            return
        }
        switch format {
        case .f32: self.init(Binary32Elements.self)
        case .f16: self.init(Binary16Elements.self)
        case .bf16: self.init(BrainElements.self)
        case .float8_e4m3fn: self.init(E4M3FNElements.self)
        case .float8_e5m2: self.init(E5M2Elements.self)
        case .q4_0: self.init(SymmetricBlocks<FourBits>.self)
        case .q4_1: self.init(RangeBlocks<FourBits>.self)
        case .q5_0: self.init(SymmetricBlocks<FiveBits>.self)
        case .q5_1: self.init(RangeBlocks<FiveBits>.self)
        case .q8_0: self.init(ByteBlocks.self)
        case .q2_K: self.init(RangeSuperBlocks<TwoBitLayout>.self)
        case .q3_K: self.init(SymmetricSuperBlocks<ThreeBitLayout>.self)
        case .q4_K: self.init(RangeSuperBlocks<WideRangeLayout<FourBits>>.self)
        case .q5_K: self.init(RangeSuperBlocks<WideRangeLayout<FiveBits>>.self)
        case .q6_K: self.init(SymmetricSuperBlocks<SixBitLayout>.self)
        case .iq4_nl: self.init(NonLinearBlocks.self)
        case .iq4_xs: self.init(NonLinearSuperBlocks.self)
        case .iq3_s: self.init(GridSuperBlocks<EightLayout>.self)
        case .iq3_xxs: self.init(GridSuperBlocks<SparseEightLayout>.self)
        case .iq2_s: self.init(GridSuperBlocks<DensePairLayout>.self)
        case .iq2_xs: self.init(GridSuperBlocks<PairLayout>.self)
        case .iq2_xxs: self.init(GridSuperBlocks<SparsePairLayout>.self)
        case .iq1_m: self.init(TernaryGridBlocks<HalfShiftLayout>.self)
        case .iq1_s: self.init(TernaryGridBlocks<WholeShiftLayout>.self)
        case .mxfp4: self.init(MicroscalingBlocks.self)
        case .nvfp4: self.init(SubscaledFloatBlocks.self)
        case .tq1_0: self.init(CoarseBlocks<TernaryFractionLayout>.self)
        case .tq2_0: self.init(CoarseBlocks<TernaryPairLayout>.self)
        case .q1_0: self.init(CoarseBlocks<SignLayout>.self)
        case .q2_0: self.init(CoarseBlocks<TwoBitBlockLayout>.self)
        default: return nil
        }
    }

    private init(mlx format: QuantizationFormat, source: QuantizationFormat) {
        switch format.name {
        case "MLX_MXFP4": self.init(FloatGroups.mxfp4, source)
        case "MLX_NVFP4": self.init(FloatGroups.nvfp4, source)
        case "MLX_MXFP8": self.init(FloatGroups.mxfp8, source)
        default:
            // Two bytes each are the scale's and the bias's.
            let bits = (format.blockBytes - 4) * 8 / format.blockElements
            self.init(AffineGroups(groupElements: format.blockElements, codeBits: bits), source)
        }
    }

    private init<Format: GroupFormat>(_ format: Format, _ source: QuantizationFormat) {
        if source == .f16 {
            self.init(GroupRow<Format, Binary16Elements>(format: format))
        } else {
            self.init(GroupRow<Format, BrainElements>(format: format))
        }
    }

    private init<Format: GroupFormat, Source: ElementFormat>(_ row: GroupRow<Format, Source>) {
        encode = { row.encode($0) }
        decode = { row.decode($0, count: $1) }
        squaredErrors = { row.squaredErrors($0) }
    }

    @inline(__always)
    private init<Format: BlockFormat>(_ format: Format.Type) {
        encode = { BlockRow<Format>.encode($0) }
        decode = { BlockRow<Format>.decode($0, count: $1) }
        squaredErrors = { BlockRow<Format>.squaredErrors($0) }
    }

    @inline(__always)
    private init<Format: ElementFormat>(_ format: Format.Type) {
        encode = { ElementRow<Format>.encode($0) }
        decode = { ElementRow<Format>.decode($0, count: $1) }
        squaredErrors = { ElementRow<Format>.squaredErrors($0) }
    }
}
