using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Shared.Json;

namespace Millrace.Cli.Commands;

/// <summary>Previews the read models of a build over the history of a store, before the build is deployed.</summary>
internal static class PreviewCommand
{
    public static Command Create()
    {
        var build = BuildOption.Create();
        var examples = new Option<int>("--examples")
        {
            HelpName = "N",
            Description = "The maximum number of examples for each read model.",
            DefaultValueFactory = _ => 10,
        };
        var sample = new Option<int>("--sample")
        {
            HelpName = "N",
            Description = "Folds and compares only one of N documents. All events are read.",
            DefaultValueFactory = _ => 1,
        };
        var command = new ToolCommand(
            "preview",
            "Runs a build's projections and upcasters over the history of a store, in memory, and tells what would "
                + "change."
        )
        {
            Examples =
            [
                (
                    "preview --build out",
                    "Exit code 0 without differences, 6 with differences, 7 when an event cannot be read"),
                ("preview --build out --sample 100 --json", "One document of 100, for programs"),
            ],
        };
        command.Options.Add(build);
        command.Options.Add(examples);
        command.Options.Add(sample);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var options = new PreviewOptions { Examples = call.Get(examples), OneOf = call.Get(sample) };
                if (options is not { Examples: >= 0 and <= 10_000, OneOf: >= 1 and <= 1_000_000 })
                    throw new CliException(
                        ExitCode.Usage, "--examples must be from 0 to 10,000, and --sample from 1 to 1,000,000.");
                var catalog = BuildOption.Load(call, build).Catalog;
                await using var open = await OpenStore.OpenForReading(call, catalog.EventTypes, cancellationToken);
                PreviewReport report;
                using (var bar = new ProgressIndicator(call))
                {
                    report = await Preview.Run(
                        open.Store,
                        catalog.Projections,
                        options,
                        new SynchronousProgress<Storage.MaintenanceProgress>(now =>
                            bar.Show(now.Step, now.Done, now.Total)),
                        cancellationToken);
                }
                if (call.IsJson)
                    JsonOutput.Object(call, writer => WriteMembers(writer, report));
                else
                    WriteText(call, report);
                return !report.IsReadable ? ExitCode.Unreadable
                    : report.IsSame ? ExitCode.Done
                    : ExitCode.Differs;
            }
        );
    }

    private static void WriteText(ToolInvocation call, PreviewReport report)
    {
        foreach (var preview in report.Projections)
        {
            ComparisonOutput.WriteText(call, preview.Comparison);
            var wholeSeconds = (long)preview.ExpectedTime.TotalSeconds;
            var seconds = wholeSeconds < 1 ? "less than a second" : $"about {TextTable.Number(wholeSeconds)} s";
            call.Line(
                $"    {Counted.Of(preview.Events, "event")} fold to {Counted.Of(preview.Documents, "document")}, "
                    + $"{ByteSizeText.Of(preview.Bytes)}; building takes {seconds}.");
            if (preview.Failed > 0)
                call.Line($"    {Counted.Of(preview.Failed, "event")} cannot be folded, or its document cannot be "
                    + "written:");
            foreach (var failure in preview.Failures)
                call.Line(
                    string.Create(
                        CultureInfo.InvariantCulture, $"    {failure.Position} {failure.Type}: {failure.Message}"));
        }
        foreach (var unreadable in report.Unreadable)
        {
            call.Line(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Cannot read {unreadable.Events:N0} {unreadable.Type}, version {unreadable.SchemaVersion}, "
                        + $"first at {unreadable.FirstPosition}: {unreadable.Reason}"
                )
            );
        }
        if (report.Unknown > 0)
            call.Line($"Events of types that are unknown to the build: {TextTable.Number(report.Unknown)}.");
        call.Line(
            string.Create(
                CultureInfo.InvariantCulture,
                $"{report.Position:N0} positions in {report.Time.TotalSeconds:N1} s. Nothing was written."));
    }

    private static void WriteMembers(Utf8JsonWriter writer, PreviewReport report)
    {
        writer.WriteNumber("position"u8, report.Position);
        writer.WriteNumber("seconds"u8, Math.Round(report.Time.TotalSeconds, 3));
        writer.WriteBoolean("isSame"u8, report.IsSame);
        writer.WriteBoolean("isReadable"u8, report.IsReadable);
        writer.WriteNumber("unknownEvents"u8, report.Unknown);
        writer.WriteStartArray("projections"u8);
        foreach (var preview in report.Projections)
            Write(writer, preview);
        writer.WriteEndArray();
        writer.WriteStartArray("unreadable"u8);
        foreach (var unreadable in report.Unreadable)
        {
            writer.WriteStartObject();
            writer.WriteString("type"u8, unreadable.Type);
            writer.WriteNumber("schemaVersion"u8, unreadable.SchemaVersion);
            writer.WriteNumber("events"u8, unreadable.Events);
            writer.WriteNumber("firstPosition"u8, unreadable.FirstPosition);
            writer.WriteString("reason"u8, unreadable.Reason);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, ProjectionPreview preview)
    {
        writer.WriteStartObject();
        writer.WriteString("projection"u8, preview.Collection);
        writer.WriteString("live"u8, preview.Live);
        writer.WriteNumber("events"u8, preview.Events);
        writer.WriteNumber("documents"u8, preview.Documents);
        writer.WriteNumber("bytes"u8, preview.Bytes);
        writer.WriteNumber("expectedSeconds"u8, Math.Round(preview.ExpectedTime.TotalSeconds, 3));
        writer.WriteNumber("failed"u8, preview.Failed);
        ExplanationJson.WriteArray(writer, "failures"u8, preview.Failures, ExplanationJson.WriteFailure);
        writer.WriteStartObject("comparison"u8);
        ComparisonOutput.WriteMembers(writer, preview.Comparison);
        writer.WriteEndObject();
        writer.WriteEndObject();
    }
}
