using System.CommandLine;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli;

/// <summary>The options that select and sort documents of a read model.</summary>
internal sealed class DocumentOptions
{
    // Two characters before one, because <= starts with <.
    private static readonly (string Text, Comparison Comparison)[] Comparisons =
    [
        ("!=", Comparison.NotEqual),
        ("<=", Comparison.LessOrEqual),
        (">=", Comparison.GreaterOrEqual),
        ("^=", Comparison.StartsWith),
        ("=", Comparison.Equal),
        ("<", Comparison.Less),
        (">", Comparison.Greater),
    ];

    private readonly Option<string[]> _conditions = new("--where")
    {
        HelpName = "CONDITION",
        Description =
            "A condition on an indexed member: status=paid, total>=100, name^=A (starts with) or code!=7; repeatable.",
        AllowMultipleArgumentsPerToken = false,
    };

    private readonly Option<string?> _order = new("--order-by")
    {
        HelpName = "MEMBER",
        Description = "The indexed member to sort by; by default the key.",
    };

    private readonly Option<bool> _descending = new("--descending") { Description = "Sorts in descending order." };

    /// <summary>Adds the options to a command.</summary>
    public DocumentOptions AddTo(Command command)
    {
        foreach (var option in (Option[])[_conditions, _order, _descending])
            command.Options.Add(option);
        return this;
    }

    /// <summary>Returns the query for documents of a read model.</summary>
    /// <exception cref="CliException">A condition cannot be parsed.</exception>
    public DocumentQuery Of(ToolInvocation call, string readModel, int limit) =>
        new()
        {
            Collection = readModel,
            Conditions = [.. (call.Get(_conditions) ?? []).Select(Parse)],
            OrderBy = call.Get(_order),
            IsDescending = call.Get(_descending),
            Limit = limit,
        };

    private static FieldCondition Parse(string text)
    {
        var start = text.IndexOfAny(['=', '<', '>', '!', '^']);
        foreach (var (symbol, comparison) in Comparisons)
        {
            if (start > 0 && text.AsSpan(start).StartsWith(symbol, StringComparison.Ordinal))
                return new FieldCondition(text[..start].Trim(), comparison, text[(start + symbol.Length)..].Trim());
        }
        throw new CliException(
            ExitCode.Usage,
            $"'{TerminalText.OneLine(text)}' is not a condition: write a member, one of =, !=, <, <=, >, >= and ^=, "
                + "and a value.");
    }
}
