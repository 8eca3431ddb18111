using System.CommandLine;
using System.Text.Json;
using Millrace.Storage;

namespace Millrace.Cli.Commands;

/// <summary>Checks every promise on the whole file.</summary>
internal static class VerifyCommand
{
    public static Command Create()
    {
        var skip = new Option<bool>("--skip-payloads")
        {
            Description = "Does not check that payloads are JSON or CBOR where they say so.",
        };
        var command = new ToolCommand(
            "verify", "Checks every promise on the whole store; says what was removed and what is lost.")
        {
            Examples =
        [
            ("verify", "Exit code 0 when every promise holds, 5 when one does not"),
            ("verify --json", "Each promise with what was examined and where it does not hold"),
        ],
        };
        command.Options.Add(skip);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            try
            {
                await using var open = await OpenStore.Existing(call, cancellationToken);
                return await Verify(call, open, !call.Get(skip), cancellationToken);
            }
            catch (StorageException damaged) when (damaged.Problem == StorageProblem.Damaged)
            {
                return WriteResult(call, Unreadable(damaged), []);
            }
        });
    }

    private static async Task<ExitCode> Verify(
        ToolInvocation call, OpenStore open, bool withPayloads, CancellationToken cancellationToken)
    {
        VerifyReport report;
        using (var bar = new ProgressIndicator(call))
        {
            var progress = new SynchronousProgress<MaintenanceProgress>(step =>
                bar.Show(step.What, step.Done, step.Total));
            report = await open.Storage.Maintenance.Verify(progress, cancellationToken);
            if (withPayloads && report.IsSound) // A damaged log may not be readable.
            {
                var payloads = await PayloadVerification.Run(open, bar, cancellationToken);
                report = report with { Checks = [.. report.Checks, payloads] };
            }
        }
        return WriteResult(call, report, await open.Store.ListRemovals(cancellationToken: cancellationToken));
    }

    /// <summary>A file so damaged that its promises cannot even be looked at: that is what the caller asked to
    /// know.</summary>
    private static VerifyReport Unreadable(StorageException damaged) =>
        new([new VerifyCheck("The file can be read", Examined: 0, [damaged.Message])], RemovedEvents: 0, LostEvents: 0);

    private static ExitCode WriteResult(ToolInvocation call, VerifyReport report, IReadOnlyList<RemovalRecord> removals)
    {
        if (call.IsJson)
            WriteJson(call, report, removals);
        else
            Write(call, report, removals);
        return report.IsSound ? ExitCode.Done : ExitCode.Store;
    }

    private static void Write(ToolInvocation call, VerifyReport report, IReadOnlyList<RemovalRecord> removals)
    {
        var rows = new TextTable("", "promise", "#examined");
        foreach (var check in report.Checks)
            rows.Add(check.Problems.Count == 0 ? "holds" : "BROKEN", check.Promise, TextTable.Number(check.Examined));
        rows.Write(call);
        foreach (var check in report.Checks.Where(check => check.Problems.Count > 0))
        {
            call.Line($"Broken: {check.Promise}");
            foreach (var problem in check.Problems)
                call.Line("  " + problem);
        }
        RemovalOutput.Write(call, removals);
        call.Line(
            $"Removed on purpose, by record: {TextTable.Number(report.RemovedEvents)} events. Lost: "
                + $"{TextTable.Number(report.LostEvents)}."
        );
        call.Line(
            report.IsSound ? "Every promise holds."
            : report.Checks.All(check => check.Problems.Count == 0 || check.Promise == PayloadVerification.Promise)
                ? "The store is not damaged, but these payloads cannot be read: write an upcaster for them, or remove "
                    + "their streams."
            : "The store is damaged: restore a backup, or keep this file and ask for help.");
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
        RemovalOutput.WriteArray(writer, removals);
    });

    private static void WriteCheck(Utf8JsonWriter writer, VerifyCheck check)
    {
        writer.WriteStartObject();
        writer.WriteString("promise"u8, check.Promise);
        writer.WriteBoolean("holds"u8, check.Problems.Count == 0);
        writer.WriteNumber("examined"u8, check.Examined);
        writer.WriteStartArray("problems"u8);
        foreach (var problem in check.Problems)
            writer.WriteStringValue(problem);
        writer.WriteEndArray();
        writer.WriteEndObject();
    }
}
