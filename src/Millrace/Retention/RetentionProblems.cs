namespace Millrace.Retention;

/// <summary>Finds policies that do not fit the model, so that the application does not start with them.</summary>
internal static class RetentionProblems
{
    public static IEnumerable<string> Of(RetentionDeclaration declaration, EventTypeMap types)
    {
        var names = declaration.Readers.Select(reader => reader.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var rule in declaration.Rules)
        {
            foreach (var unknown in rule.EvenIfReadBy.Where(name => !names.Contains(name)))
                yield return $"{rule.Id}: EvenIfReadBy names the read model '{unknown}', which does not exist. Known "
                    + $"read models are: {string.Join(", ", names.Order(StringComparer.Ordinal))}.";
            if (rule.Target != RetentionTarget.EventType)
                continue;
            if (types.Types.Count > 0 && !types.KnowsName(rule.Name))
                yield return $"{rule.Id}: the model has no event type '{rule.Name}'. Use its stored name.";
            if (!rule.Removes)
                continue;
            var readers = declaration.Readers
                .Where(reader => reader.Types.Contains(rule.Name) && !rule.EvenIfReadBy.Contains(reader.Name))
                .Select(reader => reader.Name).Distinct(StringComparer.Ordinal).ToArray();
            if (readers.Length > 0)
                yield return $"{rule.Id}: removes events that the read models {string.Join(", ", readers)} read, so "
                    + "that a rebuild would give other documents. Allow it with EvenIfReadBy, or remove the policy.";
        }
    }
}
