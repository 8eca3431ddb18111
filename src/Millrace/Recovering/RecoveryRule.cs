namespace Millrace;

/// <summary>
/// A rule that chooses the actions for a fault. The first attempt uses the first action, the second attempt the second
/// one, and further attempts the last one. After the last attempt, or without actions, a person must act.
/// </summary>
public sealed record RecoveryRule
{
    /// <summary>Gets the stable name: lower case letters, digits and dashes.</summary>
    public required string Name { get; init; }

    /// <summary>Gets a sentence for operators; empty by default.</summary>
    public string Description { get; init; } = "";

    /// <summary>Gets the condition. The first enabled rule whose condition is true applies to a fault.</summary>
    public required Func<RecoveryDiagnosis, bool> When { get; init; }

    /// <summary>Gets the names of the actions; empty, the default, if only a person can help.</summary>
    public IReadOnlyList<string> Actions { get; init; } = [];

    /// <summary>Gets how long the fault must last before the first action; 30 seconds by default.</summary>
    public TimeSpan After { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Gets the maximum number of attempts for a fault, together with those for earlier, healed faults of the same
    /// subject within <see cref="Window"/>; 3 by default.
    /// </summary>
    public int MaxAttempts { get; init; } = 3;

    /// <summary>
    /// Gets the period in which attempts for an earlier, healed fault of the same subject count; 1 hour by default.
    /// </summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Gets the maximum duration of an action; 1 minute by default.</summary>
    public TimeSpan ActionTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets the time after an action within which the fault must disappear; 1 minute by default.
    /// </summary>
    public TimeSpan VerifyWithin { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets the time without the fault after which the recovery has succeeded; 1 minute by default.
    /// </summary>
    public TimeSpan HealthyFor { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// Gets the pause after a failed attempt, which doubles with each further one; 30 seconds by default.
    /// </summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Gets whether the rule is used; true by default.</summary>
    public bool IsEnabled { get; init; } = true;

    /// <summary>Returns the name of the action of an attempt, which counts from 1.</summary>
    internal string ActionOf(int attempt) => Actions[Math.Min(attempt, Actions.Count) - 1];

    internal IEnumerable<string> Problems()
    {
        if (ConsumerDefinition.NameProblem(Name) is { } problem)
            yield return $"name: {problem}.";
        if (When is null)
            yield return "when: is missing.";
        if (Actions.Any(string.IsNullOrWhiteSpace))
            yield return "actions: must be names of actions.";
        if (MaxAttempts is < 1 or > 100)
            yield return $"maxAttempts: must be from 1 to 100, but is {MaxAttempts}.";
        foreach (var (name, value, min) in Times())
        {
            if (value < min || value > TimeSpan.FromDays(1))
                yield return $"{name}: must be from {min} to 1 day, but is {value}.";
        }
    }

    private IEnumerable<(string Name, TimeSpan Value, TimeSpan Min)> Times() =>
    [
        ("after", After, TimeSpan.Zero),
        ("window", Window, TimeSpan.FromSeconds(1)),
        ("actionTimeout", ActionTimeout, TimeSpan.FromMilliseconds(100)),
        ("verifyWithin", VerifyWithin, TimeSpan.Zero),
        ("healthyFor", HealthyFor, TimeSpan.Zero),
        ("retryDelay", RetryDelay, TimeSpan.Zero),
    ];
}
