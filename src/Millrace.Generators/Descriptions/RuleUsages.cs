using Microsoft.CodeAnalysis;

namespace Millrace.Generators.Descriptions;

/// <summary>A domain rule, with all methods and conditions that check it.</summary>
internal sealed class RuleUsages(string name)
{
    private string? _message;
    private readonly List<string> _methods = [];
    private readonly List<string> _conditions = [];

    public string Name => name;

    /// <summary>Combines checks with the same rule. Returns the rules in the order of their first check.</summary>
    /// <param name="checks">The checks: the rule, the name of the method that checks it, and the method that contains
    /// the check.</param>
    /// <param name="waysTo">Returns, for each path to a method, the condition under which the method is not
    /// called.</param>
    /// <param name="thrown">The conditions under which callers do not throw an exception, by the method that creates
    /// the exception.</param>
    public static List<RuleUsages> Of(
        IEnumerable<(RuleFact Rule, string AskedBy, IMethodSymbol In)> checks,
        Func<IMethodSymbol, IReadOnlyList<string?>> waysTo,
        ILookup<IMethodSymbol, string> thrown)
    {
        var usages = new List<RuleUsages>();
        foreach (var (rule, askedBy, container) in checks)
        {
            var usage = usages.Find(known => known.Name == rule.Name);
            if (usage is null)
                usages.Add(usage = new RuleUsages(rule.Name));
            usage._message ??= rule.Message;
            usage._methods.Add(askedBy);
            if (rule.Condition is { } condition)
                usage._conditions.AddRange(
                    waysTo(container).OfType<string>().Select(unless => RuleConditions.Behind(unless, condition)));
            else
                usage._conditions.AddRange(thrown[container.OriginalDefinition]);
        }
        return usages;
    }

    public void Write(JsonText json) => json
        .Text("name", name)
        .Text("message", _message)
        .Texts("conditions", _conditions.Distinct())
        .Texts("methods", _methods.Distinct());
}
