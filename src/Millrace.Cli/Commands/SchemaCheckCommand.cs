using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Cli.Schemas;

namespace Millrace.Cli.Commands;

/// <summary>Compares a build with the stored events.</summary>
internal static class SchemaCheckCommand
{
    private static readonly Option<int?> Sample = new("--sample")
    {
        HelpName = "N",
        Description = "Decodes only the N oldest and the N newest events of each type.",
    };

    private static readonly Option<bool> Strict = new("--strict")
    {
        Description = "Types that are unknown to the build count as unreadable.",
    };

    public static Command Create()
    {
        var build = BuildOption.Create();
        var command = new ToolCommand(
            "check", "Decodes the stored events with the types of a build, and reports those that it cannot read.")
        {
            Examples =
            [
                (
                    "schema check --build out",
                    "Before a deployment: exit code 0 when the build can read everything, otherwise 1"),
                (
                    "schema check --build out --sample 1000",
                    "A quick check: the 1,000 oldest and newest events of each type"),
                ("schema check --build out --strict --json", "For CI, when unknown types are errors"),
            ],
        };
        command.Options.Add(build);
        command.Options.Add(Sample);
        command.Options.Add(Strict);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                if (call.Get(Sample) is < 1)
                    throw new CliException(ExitCode.Usage, "--sample must be at least 1.");
                var loaded = BuildOption.Load(call, build);
                await using var open = await OpenStore.OpenForReading(
                    call, loaded.Catalog.EventTypes, cancellationToken);
                var inspector = new StoredEventInspector(open.Store);
                await Examine(call, inspector, cancellationToken);
                var isReadable = inspector.Findings.All(finding =>
                    finding.Unreadable == 0 && !(call.Get(Strict) && finding.IsUnknown));
                if (call.IsJson)
                    WriteJson(call, loaded, open.File, inspector.Findings, isReadable);
                else
                    Write(call, loaded, inspector.Findings, isReadable);
                return isReadable ? ExitCode.Done : ExitCode.Failed;
            }
        );
    }

    private static async Task Examine(
        ToolInvocation call, StoredEventInspector inspector, CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        var progress = new SynchronousProgress<ReplayProgress>(step => bar.Show("decoded", step.Position, step.To));
        if (call.Get(Sample) is { } sampleSize)
            await inspector.SampleNewestAndOldest(sampleSize, progress, cancellationToken);
        else
            await inspector.DecodeAll(progress, cancellationToken);
    }

    private static void Write(
        ToolInvocation call, ModelBuild build, IReadOnlyList<ShapeFinding> findings, bool isReadable)
    {
        var rows = new TextTable("", "type", "#version", "#examined", "#unreadable");
        foreach (var finding in findings)
        {
            rows.Add(
                finding.Unreadable > 0 ? "UNREADABLE" : finding.IsUnknown ? "unknown" : "reads",
                finding.Type,
                finding.SchemaVersion.ToString(CultureInfo.InvariantCulture),
                TextTable.Number(finding.Examined),
                TextTable.Number(finding.Unreadable));
        }
        rows.Write(call);
        foreach (var finding in findings.Where(finding => finding.First is not null))
            WriteUnreadable(call, build, finding);
        call.Line(!isReadable ? "This build cannot read all stored events."
            : call.Get(Sample) is null ? "This build can read all stored events."
            : "This build can read the sample. The other events were not checked.");
    }

    private static void WriteUnreadable(ToolInvocation call, ModelBuild build, ShapeFinding finding)
    {
        var version = NewestOf(build, finding)?.SchemaVersion ?? 0;
        call.Line(
            $"Version {version} cannot read {TextTable.Number(finding.Unreadable)} of "
                + $"{TextTable.Number(finding.Examined)} "
                + $"'{finding.Type}' stored as version {finding.SchemaVersion}, first at position "
                + $"{TextTable.Number(finding.First!.Position)}:"
        ); // Set when an event is unreadable.
        foreach (var (reason, times) in finding.Reasons)
            call.Line($"  {TextTable.Number(times)} × {reason}");
        foreach (var line in UpcasterSkeleton.For(finding.First, NewestOf(build, finding)).Split('\n'))
            call.Line("    " + line);
    }

    private static void WriteJson(
        ToolInvocation call, ModelBuild build, string file, IReadOnlyList<ShapeFinding> findings, bool isReadable) =>
        JsonOutput.Object(
            call,
            writer =>
            {
                writer.WriteString("store"u8, file);
                writer.WriteString("build"u8, build.File);
                writer.WriteBoolean("isReadable"u8, isReadable);
                writer.WriteNumber("examined"u8, findings.Sum(finding => finding.Examined));
                writer.WriteNumber("unreadable"u8, findings.Sum(finding => finding.Unreadable));
                writer.WriteStartArray("types"u8);
                foreach (var finding in findings)
                    WriteFinding(writer, build, finding);
                writer.WriteEndArray();
            }
        );

    private static void WriteFinding(Utf8JsonWriter writer, ModelBuild build, ShapeFinding finding)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, finding.Type);
        writer.WriteNumber("schemaVersion"u8, finding.SchemaVersion);
        writer.WriteBoolean("isKnown"u8, !finding.IsUnknown);
        writer.WriteNumber("examined"u8, finding.Examined);
        writer.WriteNumber("unreadable"u8, finding.Unreadable);
        if (finding.First is { } first)
        {
            writer.WriteNumber("firstPosition"u8, first.Position);
            writer.WriteString("firstStream"u8, first.Stream.Value);
            writer.WriteStartArray("reasons"u8);
            foreach (var (reason, times) in finding.Reasons)
            {
                writer.WriteStartObject();
                writer.WriteString("reason"u8, reason);
                writer.WriteNumber("events"u8, times);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteString("skeleton"u8, UpcasterSkeleton.For(first, NewestOf(build, finding)));
        }
        writer.WriteEndObject();
    }

    private static EventType? NewestOf(ModelBuild build, ShapeFinding finding) =>
        build.Catalog.EventTypes.Types.Where(type => type.Name == finding.Type).MaxBy(type => type.SchemaVersion);
}
