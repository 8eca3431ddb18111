using System.CommandLine;
using System.CommandLine.Parsing;

namespace Millrace.Cli;

/// <summary>The options that select a part of a business figure.</summary>
internal sealed class KpiOptions
{
    private const int DefaultMembers = 20;
    private const int MaxMembers = 1_000;

    private static readonly TimeSpan DefaultRange = TimeSpan.FromDays(30);

    private readonly Argument<string> _name = new("kpi") { Description = "The name of the figure, such as revenue." };

    private readonly Option<DateTimeOffset?> _since = new("--since", "--from")
    {
        HelpName = "TIME",
        Description = "The start: a time, or an age such as 2h or 7d; 30 days before the end by default.",
        CustomParser = FilterOptions.ParseTime,
    };

    private readonly Option<DateTimeOffset?> _before = new("--before", "--to")
    {
        HelpName = "TIME",
        Description = "The end; now by default.",
        CustomParser = FilterOptions.ParseTime,
    };

    private readonly Option<KpiStep> _step = new("--step")
    {
        HelpName = "hour|day|week|month",
        Description = "The length of a period, in UTC; day by default.",
        CustomParser = ParseStep,
        DefaultValueFactory = static _ => KpiStep.Day,
    };

    private readonly Option<string?> _by = new("--by")
    {
        HelpName = "DIMENSION",
        Description = "A dimension, such as country: a row for each member.",
    };

    private readonly Option<string?> _member = new("--member")
    {
        HelpName = "NAME",
        Description = "Only this member of the dimension, with a row for each period.",
    };

    private readonly Option<int> _top = new("--top")
    {
        HelpName = "N",
        Description = "With --by: the number of members, largest first; 20 by default.",
        DefaultValueFactory = static _ => DefaultMembers,
    };

    private readonly Option<int> _weeks = new("--weeks")
    {
        HelpName = "N",
        Description = $"Compares with the same period of so many earlier weeks, at most {Kpis.MaxWeeks}.",
    };

    public void AddTo(Command command)
    {
        command.Arguments.Add(_name);
        foreach (var option in (Option[])[_since, _before, _step, _by, _member, _top, _weeks])
            command.Options.Add(option);
    }

    public KpiQuery QueryOf(ToolInvocation call)
    {
        var to = call.Get(_before) ?? call.Time.GetUtcNow();
        var from = call.Get(_since) ?? to - DefaultRange;
        if (from >= to)
            throw new CliException(ExitCode.Usage, "--since must be before the end.");
        if (call.Get(_member) is not null && call.Get(_by) is null)
            throw new CliException(ExitCode.Usage, "--member needs its dimension: add --by DIMENSION.");
        if (call.Get(_top) is < 1 or > MaxMembers)
            throw new CliException(ExitCode.Usage, $"--top must be from 1 to {MaxMembers}.");
        if (call.Get(_weeks) is < 0 or > Kpis.MaxWeeks)
            throw new CliException(ExitCode.Usage, $"--weeks must be from 0 to {Kpis.MaxWeeks}.");
        return new KpiQuery
        {
            Name = call.Get(_name),
            From = from,
            To = to,
            Step = call.Get(_step),
            Dimension = call.Get(_by),
            Member = call.Get(_member),
            MaxMembers = call.Get(_top),
            Weeks = call.Get(_weeks),
        };
    }

    private static KpiStep ParseStep(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        foreach (var step in Enum.GetValues<KpiStep>())
        {
            if (string.Equals(step.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return step;
        }
        result.AddError($"'{text}' is not a step: use hour, day, week or month.");
        return default;
    }
}
