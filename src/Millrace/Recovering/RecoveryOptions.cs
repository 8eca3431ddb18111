namespace Millrace;

/// <summary>The options of the recovery manager.</summary>
public sealed class RecoveryOptions
{
    private readonly List<Func<List<RecoveryRule>, string?>> _changes = [];

    /// <summary>
    /// Gets or sets the interval at which one node diagnoses faults and acts; from 1 second to 5 minutes, 10 seconds by
    /// default.
    /// </summary>
    public TimeSpan Interval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Gets or sets whether the manager only records what it would do; false by default. Actions that an operator
    /// starts still run.
    /// </summary>
    public bool IsDryRun { get; set; }

    /// <summary>
    /// Gets or sets whether the rules of <see cref="RecoveryCatalogue"/> are added; true by default.
    /// </summary>
    public bool UsesCatalogue { get; set; } = true;

    /// <summary>
    /// Adds a rule. It precedes the rules of the catalogue, and replaces an earlier rule with the same name.
    /// </summary>
    public RecoveryOptions AddRule(RecoveryRule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        _changes.Add(rules =>
        {
            rules.RemoveAll(other => other.Name == rule.Name);
            var last = rules.FindLastIndex(static other =>
                RecoveryCatalogue.Rules.All(known => known.Name != other.Name));
            rules.Insert(last + 1, rule);
            return null;
        });
        return this;
    }

    /// <summary>Changes a rule of the catalogue or of an earlier <see cref="AddRule"/>.</summary>
    /// <param name="name">The name of the rule. An unknown name is an error at the start of the application.</param>
    /// <param name="change">Returns the changed rule: <c>rule => rule with { MaxAttempts = 5 }</c>.</param>
    public RecoveryOptions ChangeRule(string name, Func<RecoveryRule, RecoveryRule> change)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(change);
        _changes.Add(rules =>
        {
            var index = rules.FindIndex(rule => rule.Name == name);
            if (index < 0)
                return $"Rules:{name}: there is no such rule to change.";
            rules[index] = change(rules[index]);
            return null;
        });
        return this;
    }

    /// <summary>Disables a rule. Its faults are then neither recorded nor repaired.</summary>
    public RecoveryOptions DisableRule(string name) =>
        ChangeRule(name, static rule => rule with { IsEnabled = false });

    /// <summary>Returns the rules in the order in which they apply, and the problems of their changes.</summary>
    internal (IReadOnlyList<RecoveryRule> Rules, IReadOnlyList<string> Problems) BuildRules()
    {
        var rules = UsesCatalogue ? RecoveryCatalogue.Rules.ToList() : [];
        var problems = _changes.Select(change => change(rules)).OfType<string>().ToList();
        problems.AddRange(rules.SelectMany(static rule =>
            rule.Problems().Select(problem => $"Rules:{rule.Name}:{problem}")));
        return (rules, problems);
    }

    internal IEnumerable<string> Problems() =>
        Interval < TimeSpan.FromSeconds(1) || Interval > TimeSpan.FromMinutes(5)
            ? [$"Interval: must be from 1 second to 5 minutes, but is {Interval}."]
            : [];
}
