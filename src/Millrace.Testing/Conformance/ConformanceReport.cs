namespace Millrace.Testing;

/// <summary>The result of a run of the whole conformance suite.</summary>
/// <param name="Passed">The names of the checks that passed.</param>
/// <param name="Failed">The checks that failed, with their reasons.</param>
public sealed record ConformanceReport(IReadOnlyList<string> Passed, IReadOnlyList<ConformanceFailure> Failed)
{
    /// <summary>Gets whether every check passed.</summary>
    public bool IsSound => Failed.Count == 0;
}

/// <summary>A failed check.</summary>
/// <param name="Check">The name of the check.</param>
/// <param name="Reason">The exception that describes the failure.</param>
public sealed record ConformanceFailure(string Check, Exception Reason);
