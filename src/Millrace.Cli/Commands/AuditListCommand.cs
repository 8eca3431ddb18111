using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Models;
using Millrace.Cli.Output;
using Millrace.Cli.Servers;
using Millrace.Cli.Sql;

namespace Millrace.Cli.Commands;

/// <summary>Lists and exports the entries of the audit trail.</summary>
internal static class AuditListCommand
{
    private const int DefaultLimit = 50;
    private const int ChangesInTable = 3;
    private const string CsvHeader = "position,time,user,action,resource,result,reason,address,userAgent,correlationId,"
        + "changes";

    private static readonly Option<string> User = new("--user") { Description = "Only entries of this user." };

    private static readonly Option<string> Action = new("--action")
    {
        Description = "Only entries of this action; with * at the end, of actions that start like this.",
    };

    private static readonly Option<string> Resource = new("--resource")
    {
        Description = "Only entries of this stream or name.",
    };

    private static readonly Option<AuditResult?> Result = new("--result")
    {
        HelpName = "succeeded|denied|failed",
        Description = "Only entries with this result: succeeded, denied or failed.",
        CustomParser = ParseResult,
    };

    private static readonly Option<DateTimeOffset?> Since = new("--since")
    {
        HelpName = "TIME",
        Description = "Only entries of this time or later: 2011-12-05, 2011-12-05T10:22:01Z, or an age: 90s, 2h, 7d.",
        CustomParser = FilterOptions.ParseTime,
    };

    private static readonly Option<DateTimeOffset?> Before = new("--before")
    {
        HelpName = "TIME",
        Description = "Only entries before this time.",
        CustomParser = FilterOptions.ParseTime,
    };

    private static readonly Option<string> Format = new("--format")
    {
        Description = "text, a table of the newest entries; json, one object a line; or csv. Both contain all entries.",
        DefaultValueFactory = static _ => "text",
    };

    private static readonly Option<int?> Limit = new("--limit")
    {
        Description = $"The maximum number of entries; {DefaultLimit} for a table, all for json and csv.",
    };

    static AuditListCommand() => Format.AcceptOnlyFromAmong("text", "json", "csv");

    public static ToolCommand Create()
    {
        var command = new ToolCommand("list", "Lists the entries of the audit trail, or exports them.")
        {
            Examples =
            [
                ("audit list --user ada --since 7d", "What a user did in the last 7 days"),
                ("audit list --result denied", "The newest denied requests"),
                ("audit list --action 'command.*' --format csv > commands.csv", "All commands, for a spreadsheet"),
                ("audit list --server https://shop.example --json", "From a running application, newest first"),
            ],
        };
        foreach (var option in (Option[])[User, Action, Resource, Result, Since, Before, Format, Limit])
            command.Options.Add(option);
        return command.SetServerHandler(
            new ServerOptions(),
            static async (call, server, cancellationToken) =>
            {
                var newestFirst = ServerAudit.ReadBackwards(server, QueryOf(call), LimitOf(call), cancellationToken);
                await Write(call, newestFirst, newestFirst, cancellationToken);
                return ExitCode.Done;
            },
            static async (call, open, cancellationToken) =>
            {
                var trail = AuditTrails.Of(open.Store);
                var newestFirst = trail.ReadBackwards(QueryOf(call), cancellationToken: cancellationToken);
                var oldestFirst = trail.Read(QueryOf(call), cancellationToken: cancellationToken);
                await Write(call, newestFirst, oldestFirst, cancellationToken);
                return ExitCode.Done;
            });
    }

    private static AuditQuery QueryOf(ToolInvocation call) => new()
    {
        User = call.Get(User),
        Action = call.Get(Action),
        Resource = call.Get(Resource),
        Result = call.Get(Result),
        Since = call.Get(Since),
        Until = call.Get(Before),
    };

    private static string FormatOf(ToolInvocation call) =>
        call.IsJson ? "json" : call.Get(Format)!; // The option has a default value.

    private static int LimitOf(ToolInvocation call)
    {
        var limit = call.Get(Limit) ?? (FormatOf(call) == "text" ? DefaultLimit : int.MaxValue);
        return limit >= 1 ? limit : throw new CliException(ExitCode.Usage, "--limit must be at least 1.");
    }

    /// <summary>Writes the newest entries as a table, or all entries in the order of their source.</summary>
    private static async Task Write(
        ToolInvocation call,
        IAsyncEnumerable<AuditEntry> newestFirst,
        IAsyncEnumerable<AuditEntry> entries,
        CancellationToken cancellationToken)
    {
        var (format, limit) = (FormatOf(call), LimitOf(call));
        if (format == "text")
        {
            await WriteTable(call, newestFirst, limit, cancellationToken);
            return;
        }
        if (format == "csv")
            call.Text.Write(CsvHeader + "\r\n");
        await foreach (var entry in entries.Take(limit).WithCancellation(cancellationToken))
        {
            if (format == "csv")
                call.Text.Write(CsvLine(entry));
            else
                WriteJson(call, entry);
        }
    }

    private static async Task WriteTable(
        ToolInvocation call,
        IAsyncEnumerable<AuditEntry> newestFirst,
        int limit,
        CancellationToken cancellationToken)
    {
        var entries = await newestFirst.Take(limit).ToListAsync(cancellationToken);
        entries.Reverse();
        var table = new TextTable("#position", "time", "user", "action", "resource", "result", "reason", "address");
        foreach (var entry in entries)
            table.Add(
                TextTable.Number(entry.Position),
                TimeOf(entry),
                entry.User ?? "",
                entry.Action,
                entry.Resource,
                NameOf(entry.Result),
                ReasonOf(entry),
                entry.Origin?.Address ?? "");
        table.Write(call, "There are no matching entries.");
    }

    private static void WriteJson(ToolInvocation call, AuditEntry entry) => JsonOutput.Object(call, writer =>
    {
        writer.WriteNumber("position"u8, entry.Position);
        writer.WriteString("time"u8, TimeOf(entry));
        ModelJsonWriter.Text(writer, "user", entry.User);
        writer.WriteString("action"u8, entry.Action);
        writer.WriteString("resource"u8, entry.Resource);
        writer.WriteString("result"u8, NameOf(entry.Result));
        ModelJsonWriter.Text(writer, "reason", entry.Reason);
        ModelJsonWriter.Text(writer, "address", entry.Origin?.Address);
        ModelJsonWriter.Text(writer, "userAgent", entry.Origin?.UserAgent);
        ModelJsonWriter.Text(writer, "correlationId", entry.CorrelationId?.ToString());
        if (entry.Changes.Count > 0)
            ModelJsonWriter.Each(writer, "changes", entry.Changes, static (json, change) =>
            {
                json.WriteString("name"u8, change.Name);
                ModelJsonWriter.Text(json, "before", change.Before);
                ModelJsonWriter.Text(json, "after", change.After);
            });
    });

    /// <summary>Returns the reason for the table, with the first changes of settings.</summary>
    private static string ReasonOf(AuditEntry entry) => entry.Changes.Count == 0
        ? entry.Reason ?? ""
        : $"{entry.Reason}: {string.Join("; ", entry.Changes.Take(ChangesInTable).Select(TextOf))}"
            + (entry.Changes.Count > ChangesInTable ? "; …" : "");

    private static string TextOf(AuditChange change) =>
        $"{change.Name}: {change.Before ?? "none"} → {change.After ?? "none"}";

    /// <summary>Returns a line as in RFC 4180.</summary>
    private static string CsvLine(AuditEntry entry) => string.Join(
        ',',
        new[]
        {
            entry.Position.ToString(CultureInfo.InvariantCulture),
            TimeOf(entry),
            entry.User,
            entry.Action,
            entry.Resource,
            NameOf(entry.Result),
            entry.Reason,
            entry.Origin?.Address,
            entry.Origin?.UserAgent,
            entry.CorrelationId?.ToString(),
            string.Join("; ", entry.Changes.Select(TextOf)),
        }.Select(Quoted)) + "\r\n";

    /// <summary>Returns a value of a CSV line; an empty field for none.</summary>
    private static string Quoted(string? text) =>
        string.IsNullOrEmpty(text) ? "" : CsvWriter.Field(CsvWriter.Safe(text));

    private static AuditResult? ParseResult(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        foreach (var known in Enum.GetValues<AuditResult>())
        {
            if (string.Equals(known.ToString(), text, StringComparison.OrdinalIgnoreCase))
                return known;
        }
        result.AddError($"'{text}' is not a result: use succeeded, denied or failed.");
        return null;
    }

    private static string TimeOf(AuditEntry entry) =>
        entry.Time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture);

    private static string NameOf(AuditResult result) => JsonNamingPolicy.CamelCase.ConvertName(result.ToString());
}
