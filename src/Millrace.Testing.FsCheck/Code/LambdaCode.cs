using System.Text.RegularExpressions;

namespace Millrace.Testing.Code;

/// <summary>
/// The code of a function in a test. The function is a lambda with parameters or the name of a method.
/// </summary>
/// <param name="Parameters">The names of the parameters; empty for a method name.</param>
/// <param name="Body">The lambda body, or the name of the method.</param>
internal sealed partial record LambdaCode(IReadOnlyList<string> Parameters, string Body)
{
    /// <summary>Parses the code. Returns null if there is no code.</summary>
    public static LambdaCode? Parse(string? code)
    {
        if (code is null)
            return null;
        var match = Lambda().Match(code);
        if (!match.Success)
            return new LambdaCode([], code.Trim());
        var named = match
            .Groups["names"]
            .Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        return new LambdaCode([.. named.Select(one => one.Split(' ')[^1])], match.Groups["body"].Value.Trim());
    }

    /// <summary>Returns the expectation that a rule is met, as code for a specification.</summary>
    public static string? StateExpectation(string? rule) => rule is null ? null : $"ThenState({rule}, true)";

    /// <summary>Returns the expectation for a rule that throws when it is broken.</summary>
    public static string? AssertionExpectation(string? rule)
    {
        if (Parse(rule) is not { } parsed)
            return null;
        var (name, inner) = parsed.Parameters switch
        {
            [] => ("it", $"{parsed.Body}(it);"),
            [var one] when parsed.Body.StartsWith('{') => (one, parsed.Body.Trim('{', '}', ' ')),
            [var one, ..] => (one, parsed.Body + ";"),
        };
        return $"ThenState({name} => {{ {inner} return true; }}, true)";
    }

    [GeneratedRegex(
        @"^\s*(static\s+)?(\((?<names>[^()]*)\)|(?<names>\w+))\s*=>\s*(?<body>.+)$", RegexOptions.Singleline)]
    private static partial Regex Lambda();
}
