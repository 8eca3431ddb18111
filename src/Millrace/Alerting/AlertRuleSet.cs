namespace Millrace.Alerting;

/// <summary>Selects the rule that applies for each name: stored, then configuration, code and catalogue.</summary>
internal static class AlertRuleSet
{
    /// <summary>Returns the rules that apply, by name.</summary>
    /// <param name="setup">The rules of the application; null for a tool, which uses those that it declared.</param>
    /// <param name="book">The rules in the store.</param>
    public static SortedDictionary<string, AlertRuleInfo> Of(AlertSetup? setup, AlertRuleBook book)
    {
        var all = new SortedDictionary<string, AlertRuleInfo>(StringComparer.Ordinal);
        foreach (var declared in setup?.Rules.Values ?? FromDeclaration(book))
            all[declared.Rule.Name] = new AlertRuleInfo { Rule = declared.Rule, Source = declared.Source };
        foreach (var stored in book.Stored.Values)
        {
            all[stored.Rule.Name] = new AlertRuleInfo
            {
                Rule = stored.Rule,
                Source = AlertRuleSource.Stored,
                Version = stored.Version,
                By = stored.By,
                At = stored.At,
            };
        }
        return all;
    }

    private static IEnumerable<DeclaredAlertRule> FromDeclaration(AlertRuleBook book)
    {
        foreach (var declared in book.Declared ?? [])
        {
            AlertRule rule;
            try
            {
                rule = declared.Form.ToRule(declared.Name);
            }
            catch (AlertRuleException)
            {
                continue; // Another version of Millrace declared it.
            }
            yield return new DeclaredAlertRule(rule, declared.Source);
        }
    }
}
