using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Checks all integrity promises of a store.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var skip = new Option<bool>("--skip-payloads")
        {
            Description = "Does not check that JSON and CBOR payloads are well formed.",
        };
        var command = new ToolCommand(
            "verify", "Checks all integrity promises on the whole store, and reports removed and lost events.")
        {
            Examples =
        [
            ("verify", "Exit code 0 when all promises hold, otherwise 5"),
            ("verify --json", "Each promise with the checked items and its violations"),
        ],
        };
        command.Options.Add(skip);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            try
            {
                await using var open = await ShardStores.Existing(call, EventTypeMap.Empty, cancellationToken);
                return await Verify(call, open, !call.Get(skip), cancellationToken);
            }
            catch (StorageException exception) when (exception.Problem == StorageProblem.Damaged)
            {
                return WriteResult(call, Unreadable(exception), []);
            }
        });
    }

    private static async Task<ExitCode> Verify(
        ToolInvocation call, OpenStore open, bool withPayloads, CancellationToken cancellationToken)
    {
        VerifyReport? report = null;
        var removals = new List<RemovalRecord>();
        using (var bar = new ProgressIndicator(call))
        {
            foreach (var (shard, part) in open.Parts)
            {
                var found = await Verify(part, bar, withPayloads, cancellationToken);
                report = Combine(report, shard, found);
                removals.AddRange(await part.Store.ListRemovals(cancellationToken: cancellationToken));
            }
        }
        return WriteResult(call, report!, removals); // There is at least one store.
    }

    private static async Task<VerifyReport> Verify(
        OpenStore open, ProgressIndicator bar, bool withPayloads, CancellationToken cancellationToken)
    {
        var report = await open.Storage.Maintenance.Verify(bar, cancellationToken);
        if (!withPayloads || !report.IsSound) // A damaged log may be unreadable.
            return report;
        if (report.NotChecked is not [])
            return report with { NotChecked = [.. report.NotChecked, "The payloads, of which some cannot be read."] };
        var payloads = await PayloadVerification.Run(open, bar, cancellationToken);
        return report with { Checks = [.. report.Checks, payloads] };
    }

    /// <summary>Adds the report of a shard, whose problems are prefixed with its name.</summary>
    private static VerifyReport Combine(VerifyReport? sum, ShardId? shard, VerifyReport found)
    {
        if (shard is { } name)
        {
            found = found with
            {
                Checks =
                [
                    .. found.Checks.Select(check => check with
                    {
                        Problems = [.. check.Problems.Select(problem => $"Shard {name}: {problem}")],
                    }),
                ],
                NotChecked = [.. found.NotChecked.Select(reason => $"Shard {name}: {reason}")],
            };
        }
        if (sum is null)
            return found;
        var checks =
            from check in sum.Checks.Concat(found.Checks)
            group check by check.Guarantee into same
            select new VerifyCheck(
                same.Key, same.Sum(static one => one.Examined), [.. same.SelectMany(static one => one.Problems)]);
        return new VerifyReport(
            [.. checks], sum.RemovedEvents + found.RemovedEvents, sum.LostEvents + found.LostEvents)
        {
            NotChecked = [.. sum.NotChecked, .. found.NotChecked],
        };
    }

    /// <summary>
    /// Returns the report for a file that is too damaged to check. The command reports the damage as a result and not
    /// as an error.
    /// </summary>
    private static VerifyReport Unreadable(StorageException exception) =>
        new(
            [new VerifyCheck("The file can be read", Examined: 0, [exception.Message])],
            RemovedEvents: 0,
            LostEvents: 0);

    private static ExitCode WriteResult(ToolInvocation call, VerifyReport report, IReadOnlyList<RemovalRecord> removals)
    {
        if (call.IsJson)
            WriteJson(call, report, removals);
        else
            Write(call, report, removals);
        return report is { IsSound: true, NotChecked: [] } ? ExitCode.Done : ExitCode.Store;
    }

    private static void Write(ToolInvocation call, VerifyReport report, IReadOnlyList<RemovalRecord> removals)
    {
        var rows = new TextTable("", "promise", "#examined");
        foreach (var check in report.Checks)
            rows.Add(check.Problems.Count == 0 ? "holds" : "BROKEN", check.Guarantee, TextTable.Number(check.Examined));
        rows.Write(call);
        foreach (var check in report.Checks.Where(check => check.Problems.Count > 0))
        {
            call.Line($"Broken: {check.Guarantee}");
            foreach (var problem in check.Problems)
                call.Line("  " + problem);
        }
        foreach (var reason in report.NotChecked)
            call.Line($"Not checked: {reason}");
        RemovalOutput.Write(call, removals);
        call.Line(
            $"Removed intentionally: {TextTable.Number(report.RemovedEvents)} events. Lost: "
                + $"{TextTable.Number(report.LostEvents)}."
        );
        call.Line(
            report is { IsSound: true, NotChecked: [] } ? "All promises hold."
            : report.IsSound ? "What was checked holds. Make the rest available and verify again."
            : report.Checks.All(check => check.Problems.Count == 0 || check.Guarantee == PayloadVerification.Promise)
                ? "The store is not damaged, but these payloads cannot be read. Write an upcaster for them, or remove "
                    + "their streams."
            : "The store is damaged. Restore a backup, or keep this file and ask for help.");
    }

    private static void WriteJson(ToolInvocation call, VerifyReport report, IReadOnlyList<RemovalRecord> removals) =>
        JsonOutput.Object(call, writer =>
    {
        writer.WriteBoolean("isSound"u8, report.IsSound);
        writer.WriteNumber("removedEvents"u8, report.RemovedEvents);
        writer.WriteNumber("lostEvents"u8, report.LostEvents);
        writer.WriteStartArray("checks"u8);
        foreach (var check in report.Checks)
            WriteCheck(writer, check);
        writer.WriteEndArray();
        writer.WriteStartArray("notChecked"u8);
        foreach (var reason in report.NotChecked)
            writer.WriteStringValue(reason);
        writer.WriteEndArray();
        RemovalOutput.WriteArray(writer, removals);
    });

    private static void WriteCheck(Utf8JsonWriter writer, VerifyCheck check)
    {
        writer.WriteStartObject();
        writer.WriteString("promise"u8, check.Guarantee);
        writer.WriteBoolean("holds"u8, check.Problems.Count == 0);
        writer.WriteNumber("examined"u8, check.Examined);
        writer.WriteStartArray("problems"u8);
        foreach (var problem in check.Problems)
            writer.WriteStringValue(problem);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
