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
        var givenCode = subject
            .Given.Concat(outcome.Steps.Take(last).SelectMany(step => step.Events))
            .Select(CSharpCode.Of)
            .ToList();
        if (givenCode.Contains(null) || CallOf(outcome.Commands[last], subject.IsShared) is not var (creation, call))
            return null;
        var lines = new List<string>();
        if (creation is not null)
            lines.AddRange([creation, ""]);
        lines.Add(startCode);
        if (subject.ModelName is { } model)
            lines.Add($"    .WithModel<{model}>()");
        if (givenCode.Count == 1)
            lines.Add($"    .Given({givenCode[0]})");
        else if (givenCode.Count > 1)
            lines.AddRange([
                "    .Given(",
                .. givenCode.Select((one, i) => $"        {one}{(i + 1 < givenCode.Count ? "," : ")")}"),
            ]);
        lines.AddRange([$"    .When({call})", $"    .{expectation};"]);
        return [.. lines.SelectMany(line => line.ReplaceLineEndings("\n").Split('\n'))];
    }

    /// <summary>Returns a line that creates the arguments, if any, and the call.</summary>
    /// <param name="command">The command.</param>
    /// <param name="isDecider">True if the arguments precede the state.</param>
    private static (string? Creation, string Call)? CallOf<T>(HistoryCommand<T> command, bool isDecider)
    {
        if (LambdaCode.Parse(command.Code) is not { } code)
            return null;
        if (command.Arguments is null)
            return (null, command.Code!.Trim()); // Not null: parsed above.
        if (CSharpCode.Of(command.Arguments) is not { } arguments)
            return null;
        if (code.Parameters is not [var first, var second])
            return (
                null, isDecider ? $"state => {code.Body}({arguments}, state)" : $"it => {code.Body}(it, {arguments})");
        var (target, parameter) = isDecider ? (second, first) : (first, second);
        return (parameter == "_" ? null : $"var {parameter} = {arguments};", $"{target} => {code.Body}");
    }
}
