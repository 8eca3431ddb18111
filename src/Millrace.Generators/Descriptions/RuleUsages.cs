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
    /// <param name="pathsTo">Returns, for each call path to a method, the condition under which the method is not
    /// called.</param>
    /// <param name="throwConditions">For each method that creates an exception, the conditions under which its callers
    /// do not throw it.</param>
    public static List<RuleUsages> Of(
        IEnumerable<(RuleFact Rule, string CheckedBy, IMethodSymbol In)> checks,
        Func<IMethodSymbol, IReadOnlyList<string?>> pathsTo,
        ILookup<IMethodSymbol, string> throwConditions)
    {
        var usages = new List<RuleUsages>();
        foreach (var (rule, checkedBy, container) in checks)
        {
            var usage = usages.Find(known => known.Name == rule.Name);
            if (usage is null)
                usages.Add(usage = new RuleUsages(rule.Name));
            usage._message ??= rule.Message;
            usage._methods.Add(checkedBy);
            if (rule.Condition is { } condition)
                usage._conditions.AddRange(
                    pathsTo(container).OfType<string>()
                        .Select(unless => RuleConditions.UnlessSkipped(unless, condition)));
            else
                usage._conditions.AddRange(throwConditions[container.OriginalDefinition]);
        }
        return usages;
    }

    public void Write(JsonText json) => json
        .Text("name", name)
        .Text("message", _message)
        .Texts("conditions", _conditions.Distinct())
        .Texts("methods", _methods.Distinct());
}
