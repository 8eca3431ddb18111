namespace Millrace.Retention;

/// <summary>
/// The policies of an application, and the parts of its model that limit them. The application stores it in the log, so
/// that tools know it.
/// </summary>
internal sealed record RetentionDeclaration
{
    public static RetentionDeclaration Empty { get; } = new();

    public IReadOnlyList<RetentionRule> Rules { get; init; } = [];

    public IReadOnlyList<RetentionReader> Readers { get; init; } = [];

    /// <summary>
    /// The categories whose streams are folded into aggregates, so that they cannot lose their first events.
    /// </summary>
    public IReadOnlyList<string> Aggregates { get; init; } = [];

    /// <summary>Former names of the event types of policies, by current name.</summary>
    public IReadOnlyDictionary<string, IReadOnlyList<string>> FormerNames { get; init; } =
        new Dictionary<string, IReadOnlyList<string>>();
}
