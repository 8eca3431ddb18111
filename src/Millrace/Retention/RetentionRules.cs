namespace Millrace.Retention;

/// <summary>The policies of one tenant. The most specific policy applies.</summary>
internal sealed class RetentionRules
{
    private readonly Dictionary<string, RetentionRule> _byCategory = new(StringComparer.Ordinal);
    private readonly Dictionary<string, RetentionRule> _byType = new(StringComparer.Ordinal);
    private readonly RetentionRule? _ofAll;

    public RetentionRules(RetentionDeclaration declaration, string tenant)
    {
        // Rules of the tenant come last, so that they replace those of all tenants.
        var own = declaration.Rules.Where(rule => rule.AppliesTo(tenant))
            .OrderBy(rule => rule.Tenant is not null);
        foreach (var rule in own)
        {
            if (rule.Target == RetentionTarget.Category)
                _byCategory[rule.Name] = rule;
            else if (rule.Target == RetentionTarget.AllStreams)
                _ofAll = rule;
            else
                AddType(rule, declaration.FormerNames.GetValueOrDefault(rule.Name) ?? []);
        }
    }

    /// <summary>Gets all policies that apply to some data, the most specific last.</summary>
    public IEnumerable<RetentionRule> All =>
        new[] { _ofAll }.OfType<RetentionRule>().Concat(_byCategory.Values).Concat(_byType.Values).Distinct();

    /// <summary>Gets whether there are policies of event types, for which all streams are inspected.</summary>
    public bool HasTypes => _byType.Values.Any(rule => rule is { Removes: true, OnlyProtects: false });

    /// <summary>Gets whether there are policies that erase personal data.</summary>
    public bool Erases => All.Any(rule => rule.EraseAfter is not null);

    /// <summary>
    /// Gets the categories to which the policies that remove data are limited; null if they can apply to all streams.
    /// </summary>
    public IReadOnlyList<string>? Categories => HasTypes || _ofAll is { Removes: true }
        ? null
        : [.. _byCategory.Values.Where(rule => rule.Removes).Select(rule => rule.Name).Order(StringComparer.Ordinal)];

    public RetentionRule? ForCategory(string category) => _byCategory.GetValueOrDefault(category) ?? _ofAll;

    /// <summary>Returns the policy of an event of a type in a stream of a category; null if there is none.</summary>
    public RetentionRule? For(string type, string category) => ForType(type) ?? ForCategory(category);

    public RetentionRule? ForType(string type) => _byType.GetValueOrDefault(type);

    private void AddType(RetentionRule rule, IReadOnlyList<string> formerNames)
    {
        _byType[rule.Name] = rule;
        foreach (var former in formerNames)
            _byType[former] = rule;
    }
}
