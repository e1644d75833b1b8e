public import ArgumentParser
public import BitAllocation
public import Estimation
public import Reports

// The choices of the libraries, as options of the command line: the raw values are what is typed.

extension AllocationMethod: ExpressibleByArgument {}

extension ImpactCombination: ExpressibleByArgument {}

extension ErrorNorm: ExpressibleByArgument {}

extension OutputFormat: ExpressibleByArgument {}
