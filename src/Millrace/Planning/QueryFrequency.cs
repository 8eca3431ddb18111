namespace Millrace;

/// <summary>How frequent queries of a shape are, compared with all remembered queries of a store.</summary>
public enum QueryFrequency
{
    /// <summary>Less than 1 percent of the queries, or fewer than 20 executions.</summary>
    Low,

    /// <summary>At least 1 percent of the queries.</summary>
    Medium,

    /// <summary>At least 10 percent of the queries.</summary>
    High,

    /// <summary>At least 25 percent of the queries.</summary>
    VeryHigh,
}
