using Millrace.Retention;
using Millrace.Scheduling;

namespace Millrace;

/// <summary>
/// Options of retention. Without policies, everything is kept. The most specific policy applies: an event type before a
/// category, a category before all streams, and then a tenant before all tenants.
/// </summary>
public sealed class RetentionOptions
{
    private readonly List<RetentionPolicy> _policies = [];
    private readonly RetentionPolicies _ofAllTenants;

    /// <summary>Creates options without policies.</summary>
    public RetentionOptions() => _ofAllTenants = new RetentionPolicies(_policies, null);

    /// <summary>
    /// Gets or sets the cron expression of the times at which one node runs the policies; null, the default, to run
    /// them only on request. An example is <c>0 3 * * *</c>.
    /// </summary>
    public string? Schedule { get; set; }

    /// <summary>Gets or sets the time zone of <see cref="Schedule"/>; UTC by default.</summary>
    public TimeZoneInfo TimeZone { get; set; } = TimeZoneInfo.Utc;

    /// <summary>
    /// Gets or sets the maximum number of streams that a run removes in a second, so that appends are not delayed; from
    /// 1 to 1,000,000, 500 by default.
    /// </summary>
    public int StreamsPerSecond { get; set; } = 500;

    /// <summary>
    /// Gets or sets the directory of archive files; null by default. Policies with <c>ArchiveAfter</c> need it. All
    /// nodes need access to it.
    /// </summary>
    public string? ArchiveDirectory { get; set; }

    /// <summary>Gets or sets a hook for tests, which is called with the name of each step.</summary>
    internal Action<string>? AfterStep { get; set; }

    /// <inheritdoc cref="RetentionPolicies.Category"/>
    public RetentionPolicy Category(string category) => _ofAllTenants.Category(category);

    /// <inheritdoc cref="RetentionPolicies.EventType"/>
    public RetentionPolicy EventType(string type) => _ofAllTenants.EventType(type);

    /// <inheritdoc cref="RetentionPolicies.AllStreams"/>
    public RetentionPolicy AllStreams() => _ofAllTenants.AllStreams();

    /// <summary>
    /// Returns the policies of one tenant. The host does not start if the text is not the name of a tenant, or without
    /// <c>WithTenants</c>.
    /// </summary>
    public RetentionPolicies Tenant(string tenant)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(tenant);
        return new RetentionPolicies(_policies, tenant);
    }

    internal IReadOnlyList<RetentionRule> BuildRules() => [.. _policies.Select(policy => policy.Build())];

    internal IEnumerable<string> Problems()
    {
        if (Schedule is not null && CronExpression.FindProblem(Schedule) is { } problem)
            yield return $"{nameof(Schedule)}: {problem}";
        if (StreamsPerSecond is < 1 or > 1_000_000)
            yield return $"{nameof(StreamsPerSecond)}: must be from 1 to 1,000,000, but is {StreamsPerSecond}.";
        foreach (var policyProblem in _policies.SelectMany(policy => policy.Problems()))
            yield return policyProblem;
        var rules = BuildRules();
        foreach (var duplicate in rules.GroupBy(rule => rule.Id, StringComparer.Ordinal)
            .Where(same => same.Count() > 1))
            yield return $"{duplicate.Key}: has {duplicate.Count()} policies. Combine them into one.";
        if (string.IsNullOrWhiteSpace(ArchiveDirectory)
            && rules.FirstOrDefault(rule => rule.Action == RetentionAction.Archive) is { } archiving)
            yield return $"{nameof(ArchiveDirectory)}: is missing, but '{archiving}' archives events.";
    }
}
