namespace Millrace.Testing;

/// <summary>What a run of the whole conformance suite found.</summary>
/// <param name="Passed">The names of the checks that passed.</param>
/// <param name="Failed">The checks that failed, and why.</param>
public sealed record ConformanceReport(IReadOnlyList<string> Passed, IReadOnlyList<ConformanceFailure> Failed)
{
    /// <summary>True when every check passed.</summary>
    public bool IsSound => Failed.Count == 0;
}

/// <summary>A check that failed.</summary>
/// <param name="Check">The check's name.</param>
/// <param name="Reason">What it found.</param>
public sealed record ConformanceFailure(string Check, Exception Reason);
