#if GLPK
    private import CGLPK

    extension IntegerProgram {
        /// Hands a validated program to GLPK and reads the answer back.
        ///
        /// GLPK's memory belongs to the thread that allocated it, and freeing it on another aborts the process. The
        /// handle therefore lives and dies inside this one synchronous call.
        func solveWithGLPK(_ options: SolveOptions) throws(IntegerProgramError) -> IntegerProgramSolution {
            // The setting is per thread, and without it the cut generators write to standard output.
            glp_term_out(GLP_OFF)
            let start = ProcessorTime.ofThread
            while true {
                let solution = try solveOnce(options)
                // GLPK's clock goes on while the process is paused: then it begins again, and comes to the same end.
                guard options.timeLimit == nil, solution.termination == .timeLimit,
                    ProcessorTime.ofThread - start < SolveOptions.backstop / 2,
                    !(options.shouldStop?() ?? false)
                else { return solution }
            }
        }

        private func solveOnce(_ options: SolveOptions) throws(IntegerProgramError) -> IntegerProgramSolution
        {
            let problem = GLPKProblem(self)
            var search = SearchState(options)
            let code = unsafe withUnsafeMutablePointer(to: &search) { state in
                var control = unsafe glp_iocp()
                // An uninitialised control block is a fatal error inside GLPK.
                unsafe glp_init_iocp(&control)
                unsafe control.msg_lev = GLP_MSG_OFF
                // Without it GLPK wants the linear relaxation solved beforehand (`GLP_EROOT`).
                unsafe control.presolve = GLP_ON
                // Cuts break the symmetry that stalls plain branch and bound for minutes. Cover cuts stay off: where the
                // presolver removes every column, their generator asks for no columns at all and aborts the process.
                unsafe control.gmi_cuts = GLP_ON
                unsafe control.mir_cuts = GLP_ON
                unsafe control.mip_gap = options.relativeGap
                unsafe control.tm_lim = milliseconds(options.timeLimit ?? SolveOptions.backstop)
                unsafe control.cb_info = UnsafeMutableRawPointer(state)
                unsafe control.cb_func = { tree, info in
                    guard let tree = unsafe tree, let info = unsafe info else { return }
                    let search = unsafe info.assumingMemoryBound(to: SearchState.self)
                    var total: CInt = 0
                    unsafe glp_ios_tree_size(tree, nil, nil, &total)
                    let iterations = unsafe glp_get_it_cnt(glp_ios_get_prob(tree))
                    if unsafe search.pointee.shouldEnd(nodes: Int(total), iterations: Int(iterations)) {
                        unsafe glp_ios_terminate(tree)
                    }
                }
                return unsafe problem.optimize(&control)
            }
            return try problem.solution(of: self, code: code, search: search)
        }
    }

    /// What GLPK's callback reads and writes; it polls and ends the search, and never throws through C frames.
    private struct SearchState {
        let nodeLimit: Int?
        let workLimit: Int?
        let shouldStop: (@Sendable () -> Bool)?
        var nodes = 0
        /// How often GLPK has asked whether to go on.
        var steps = 0
        var ending: IntegerProgramSolution.Termination?

        init(_ options: SolveOptions) {
            nodeLimit = options.nodeLimit
            workLimit = options.workLimit
            shouldStop = options.shouldStop
        }

        mutating func shouldEnd(nodes total: Int, iterations: Int) -> Bool {
            nodes = max(nodes, total)
            steps += 1
            if let nodeLimit, total > nodeLimit {
                ending = .nodeLimit
            } else if let workLimit, steps + iterations > workLimit {
                ending = .workLimit
            } else if shouldStop?() ?? false {
                ending = .stopped
            }
            return ending != nil
        }
    }

    /// A GLPK problem object (GLPK: `glp_prob`), freed when it goes out of scope.
    @safe private struct GLPKProblem: ~Copyable {
        private let handle: OpaquePointer

        init(_ program: IntegerProgram) {
            unsafe handle = glp_create_prob()
            unsafe glp_set_obj_dir(handle, GLP_MIN)
            // No names are given: GLPK aborts on names over 255 bytes.
            unsafe glp_add_cols(handle, CInt(program.variables.count))
            let largest = program.variables.reduce(0) { max($0, $1.cost.magnitude) }
            for (index, variable) in program.variables.enumerated() {
                let column = CInt(index + 1)
                let cost = largest > 0 ? variable.cost / largest * 1e6 : 0
                unsafe glp_set_obj_coef(handle, column, cost)
                unsafe glp_set_col_kind(handle, column, variable.isInteger ? GLP_IV : GLP_CV)
                // A double bound with equal ends is `GLP_EBOUND`.
                let kind = variable.lowerBound == variable.upperBound ? GLP_FX : GLP_DB
                unsafe glp_set_col_bnds(handle, column, kind, variable.lowerBound, variable.upperBound)
            }
            guard !program.constraints.isEmpty else { return }
            unsafe glp_add_rows(handle, CInt(program.constraints.count))
            // GLPK counts from one: the first element of each array is never read.
            var rows: [CInt] = [0]
            var columns: [CInt] = [0]
            var coefficients: [Double] = [0]
            for (index, constraint) in program.constraints.enumerated() {
                let row = CInt(index + 1)
                let kind =
                    switch (constraint.lowerBound, constraint.upperBound) {
                    case (nil, nil): GLP_FR
                    case (_, nil): GLP_LO
                    case (nil, _): GLP_UP
                    case (let lower, let upper): lower == upper ? GLP_FX : GLP_DB
                    }
                unsafe glp_set_row_bnds(
                    handle,
                    row,
                    kind,
                    constraint.lowerBound ?? 0,
                    constraint.upperBound ?? 0
                )
                for term in constraint.terms where term.coefficient != 0 {
                    rows.append(row)
                    columns.append(CInt(term.variable + 1))
                    coefficients.append(term.coefficient)
                }
            }
            unsafe glp_load_matrix(handle, CInt(rows.count - 1), rows, columns, coefficients)
        }

        deinit {
            unsafe glp_delete_prob(handle)
        }

        func optimize(_ control: inout glp_iocp) -> CInt {
            unsafe glp_intopt(handle, &control)
        }

        /// Reads the return code and the status together: neither alone says whether there is a point.
        func solution(
            of program: IntegerProgram,
            code: CInt,
            search: SearchState
        ) throws(IntegerProgramError) -> IntegerProgramSolution {
            let status = unsafe glp_mip_status(handle)
            let hasPoint = status == GLP_OPT || status == GLP_FEAS
            let termination: IntegerProgramSolution.Termination
            switch code {
            case 0:
                guard hasPoint || status == GLP_NOFEAS else { throw .solverFailed(code: 0) }
                termination = hasPoint ? .optimal : .infeasible
            case GLP_ENOPFS, GLP_ENODFS: termination = .infeasible
            case GLP_EMIPGAP: termination = .gapReached
            case GLP_ETMLIM: termination = .timeLimit
            case GLP_ESTOP: termination = search.ending ?? .stopped
            default: throw .solverFailed(code: Int(code))
            }
            var values: [Double]?
            if hasPoint {
                values = program.variables.indices.map { unsafe glp_mip_col_val(handle, CInt($0 + 1)) }
            }
            return IntegerProgramSolution(
                termination: termination,
                values: values,
                objective: values.map { zip($0, program.variables).reduce(0) { $0 + $1.0 * $1.1.cost } },
                nodeCount: search.nodes
            )
        }
    }

    /// A duration in whole milliseconds, within what GLPK's 32-bit limit holds.
    private func milliseconds(_ duration: Duration) -> CInt {
        let (seconds, attoseconds) = duration.components
        guard seconds < 2_000_000 else { return CInt.max }
        return CInt(max(1, seconds * 1000 + attoseconds / 1_000_000_000_000_000))
    }
#endif
