using Millrace.Testing.HistoryGeneration;

namespace Millrace.Testing.Code;

/// <summary>
/// Writes the shortest history that breaks a rule as a specification. A developer can copy it into a test.
/// </summary>
internal static class SpecificationCode
{
    /// <summary>Returns the lines, or null if a part cannot be written as code.</summary>
    public static IReadOnlyList<string>? Of<T>(HistoryOutcome<T> outcome, HistorySubject<T> subject)
        where T : notnull
    {
        if (outcome.Problem?.Expectation is not { } expectation
            || subject.StartCode is not { } startCode
            || outcome.Steps.Count == 0)
            return null;
        var last = outcome.Steps.Count - 1;
        var before = subject
            .Given.Concat(outcome.Steps.Take(last).SelectMany(step => step.Events))
            .Select(CSharpCode.Of)
            .ToList();
        if (before.Contains(null) || Call(outcome.Commands[last], subject.IsShared) is not var (made, called))
            return null;
        var lines = new List<string>();
        if (made is not null)
            lines.AddRange([made, ""]);
        lines.Add(startCode);
        if (subject.ModelName is { } model)
            lines.Add($"    .WithModel<{model}>()");
        if (before.Count == 1)
            lines.Add($"    .Given({before[0]})");
        else if (before.Count > 1)
            lines.AddRange([
                "    .Given(",
                .. before.Select((one, i) => $"        {one}{(i + 1 < before.Count ? "," : ")")}"),
            ]);
        lines.AddRange([$"    .When({called})", $"    .{expectation};"]);
        return [.. lines.SelectMany(line => line.ReplaceLineEndings("\n").Split('\n'))];
    }

    /// <summary>Returns a line that creates the arguments, if any, and the call.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isDecider">True if the arguments precede the state.</param>
    private static (string? Made, string Called)? Call<T>(HistoryCommand<T> command, bool isDecider)
    {
        if (LambdaCode.Parse(command.Code) is not { } code)
            return null;
        if (command.Arguments is null)
            return (null, command.Code!.Trim()); // Parsed before.
        if (CSharpCode.Of(command.Arguments) is not { } arguments)
            return null;
        if (code.Parameters is not [var first, var second])
            return (
                null, isDecider ? $"state => {code.Body}({arguments}, state)" : $"it => {code.Body}(it, {arguments})");
        var (target, given) = isDecider ? (second, first) : (first, second);
        return (given == "_" ? null : $"var {given} = {arguments};", $"{target} => {code.Body}");
    }
}
