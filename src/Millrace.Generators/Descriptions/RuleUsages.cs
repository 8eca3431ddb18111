using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>A rule with all locations that check it.</summary>
internal sealed class RuleUsages(string name)
{
    private string? _message;
    private readonly List<string> _methods = [];
    private readonly List<string> _conditions = [];

    public string Name => name;

    /// <summary>Returns the rules of some methods in order, each once.</summary>
    /// <param name="asked">The rules, with the name of the checking method and of the method that contains the
    /// check.</param>
    /// <param name="waysTo">The conditions that skip the method with the check, for each path to it.</param>
    /// <param name="thrown">Methods that throw exceptions from other methods: the other method, and the condition under
    /// which it is not thrown.</param>
    public static List<RuleUsages> Of(
        IEnumerable<(RuleFact Rule, string Asks, IMethodSymbol In)> asked,
        Func<IMethodSymbol, IReadOnlyList<string?>> waysTo,
        ILookup<IMethodSymbol, string> thrown)
    {
        var sums = new List<RuleUsages>();
        foreach (var (rule, asks, at) in asked)
        {
            var sum = sums.Find(known => known.Name == rule.Name);
            if (sum is null)
                sums.Add(sum = new RuleUsages(rule.Name));
            sum._message ??= rule.Message;
            sum._methods.Add(asks);
            if (rule.Condition is { } condition)
                sum._conditions.AddRange(
                    waysTo(at).OfType<string>().Select(unless => RuleConditions.Behind(unless, condition)));
            else
                sum._conditions.AddRange(thrown[at.OriginalDefinition]);
        }
        return sums;
    }

    public void Write(JsonText json) => json
        .Text("name", name)
        .Text("message", _message)
        .Texts("conditions", _conditions.Distinct())
        .Texts("methods", _methods.Distinct());
}
