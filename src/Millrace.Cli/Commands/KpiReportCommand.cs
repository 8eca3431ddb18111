using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Shows the report about a week of business figures, or lets the application send it.</summary>
internal static class KpiReportCommand
{
    private const string DayFormat = "yyyy-MM-dd";

    private static readonly TimeSpan MaxWait = TimeSpan.FromMinutes(10);

    private static readonly Option<KpiWeek?> Week = new("--week")
    {
        HelpName = "WEEK",
        Description = "The week, such as 2011-W49; the last one by default.",
        CustomParser = ParseWeek,
    };

    private static readonly Option<DateOnly?> From = new("--from")
    {
        HelpName = "DAY",
        Description = "Instead of a week: the first day, such as 2011-01-01.",
        CustomParser = ParseDay,
    };

    private static readonly Option<DateOnly?> To = new("--to")
    {
        HelpName = "DAY",
        Description = "Instead of a week: the last day, at most 366 days.",
        CustomParser = ParseDay,
    };

    private static readonly Option<string?> Html = new("--html")
    {
        HelpName = "FILE",
        Description = "Writes the report as a page. An existing file is not overwritten.",
    };

    private static readonly Option<bool> Mail = new("--mail")
    {
        Description = "Requests that the application sends the report to its channels for reports.",
    };

    private static readonly Option<TimeSpan> Wait = new("--wait")
    {
        HelpName = "DURATION",
        Description = "With --mail: how long the command waits until the report is sent, up to 00:10:00.",
        DefaultValueFactory = static _ => TimeSpan.FromMinutes(1),
    };

    private static readonly Option<string> By = new("--by")
    {
        HelpName = "NAME",
        Description = "With --mail: the name of the user who requests it; by default the current user.",
        DefaultValueFactory = static _ => Environment.UserName,
    };

    public static ToolCommand Create()
    {
        var command = new ToolCommand(
            "report", "Shows the report about a week of business figures: values, insights and anomalies.")
        {
            Examples =
            [
                ("kpi report --week 2011-W49", "A week as text"),
                ("kpi report --from 2010-12-01 --to 2011-11-30 --html year.html", "A year as a page"),
                ("kpi report --mail", "The application sends the last week by mail"),
            ],
        };
        foreach (var option in (Option[])[Week, From, To, Html, Mail, Wait, By])
            command.Options.Add(option);
        return command.SetShardsHandler(async (call, open, cancellationToken) =>
        {
            var monitor = MonitorOf(open);
            var (first, last) = await Period(call, monitor, cancellationToken);
            if (call.Get(Mail))
                return await Send(call, monitor, first, last, cancellationToken);
            var report = await CreateReport(monitor, first, last, cancellationToken);
            if (call.Get(Html) is { } file)
                await WriteFile(call, report, file, cancellationToken);
            else if (call.IsJson)
                JsonOutput.Value(call, report, KpiJson.Default.KpiReport);
            else
                call.Line(TerminalLines(report.ToText()));
            return ExitCode.Done;
        });
    }

    public static KpiMonitor MonitorOf(OpenStore open) =>
        KpiMonitor.Of([.. open.Parts.Select(static part => part.Store.Store)]);

    private static async Task<(DateOnly First, DateOnly Last)> Period(
        ToolInvocation call, KpiMonitor monitor, CancellationToken cancellationToken)
    {
        var (from, to) = (call.Get(From), call.Get(To));
        if (from is null && to is null)
        {
            var week = call.Get(Week) ?? await monitor.FindLastWeek(cancellationToken);
            return (week.Monday, week.Monday.AddDays(6));
        }
        if (from is not { } first || to is not { } last || call.Get(Week) is not null)
            throw new CliException(ExitCode.Usage, "Give either --week, or both --from and --to.");
        return first <= last && last.DayNumber - first.DayNumber < KpiReport.MaxDays
            ? (first, last)
            : throw new CliException(
                ExitCode.Usage, $"--to must be at most {KpiReport.MaxDays - 1} days after --from.");
    }

    private static async Task<KpiReport> CreateReport(
        KpiMonitor monitor, DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        try
        {
            return await monitor.CreateReport(first, last, cancellationToken);
        }
        catch (ArgumentException exception)
        {
            throw UsageError(exception);
        }
        catch (LimitExceededException exception)
        {
            throw new CliException(ExitCode.Usage, exception.Message);
        }
    }

    private static CliException UsageError(ArgumentException exception) =>
        new(ExitCode.Usage, exception.Message.Split(" (Parameter")[0]);

    private static async Task<ExitCode> Send(
        ToolInvocation call, KpiMonitor monitor, DateOnly first, DateOnly last, CancellationToken cancellationToken)
    {
        if (call.Get(Wait) < TimeSpan.Zero || call.Get(Wait) > MaxWait)
            throw new CliException(ExitCode.Usage, "--wait must be from 0 to 10 minutes.");
        try
        {
            var id = await monitor.RequestReport(first, last, call.Get(By)!, cancellationToken); // It has a default.
            var isSent = await monitor.WaitForReport(id, call.Get(Wait), cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer =>
                {
                    writer.WriteString("id"u8, id);
                    writer.WriteString("outcome"u8, isSent ? "sent" : "requested");
                });
            else
                call.Line(isSent
                    ? "The report is sent."
                    : "The report is requested, and not sent yet. A node with UseKpiMonitor sends it within a day.");
            return isSent || call.Get(Wait) == TimeSpan.Zero ? ExitCode.Done : ExitCode.Incomplete;
        }
        catch (KpiReportNotSentException exception)
        {
            throw new CliException(ExitCode.Conflict, exception.Message);
        }
        catch (ArgumentException exception)
        {
            throw UsageError(exception);
        }
    }

    private static async Task WriteFile(
        ToolInvocation call, KpiReport report, string file, CancellationToken cancellationToken)
    {
        if (File.Exists(file))
            throw new CliException(
                ExitCode.Failed,
                $"'{file}' already exists, and a report never overwrites a file.",
                "Give another name.");
        try
        {
            await File.WriteAllTextAsync(file, report.ToHtml(), cancellationToken);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "Create the folder.");
        }
        if (call.IsJson)
            JsonOutput.Object(call, writer => writer.WriteString("file"u8, file));
        else
            call.Line($"{file}: {report.Title}");
    }

    /// <summary>Returns the lines without control characters, which names in a store can contain.</summary>
    private static string TerminalLines(string text) =>
        string.Join('\n', text.TrimEnd().Split('\n').Select(static line => TerminalText.OneLine(line)));

    private static KpiWeek? ParseWeek(ArgumentResult result)
    {
        if (KpiWeek.TryParse(result.Tokens[0].Value, out var week))
            return week;
        result.AddError($"'{result.Tokens[0].Value}' is not a week, such as 2011-W49.");
        return null;
    }

    private static DateOnly? ParseDay(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (DateOnly.TryParseExact(text, DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day)
            && day.Year is >= KpiReport.MinYear and <= KpiReport.MaxYear)
            return day;
        result.AddError(
            $"'{text}' is not a day from {KpiReport.MinYear} to {KpiReport.MaxYear}, such as 2011-12-05.");
        return null;
    }
}
