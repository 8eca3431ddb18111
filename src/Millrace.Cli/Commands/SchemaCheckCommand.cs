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
                var examination = new StoredEventInspector(open.Store);
                await Examine(call, examination, cancellationToken);
                var isGood = examination.Findings.All(found =>
                    found.Unreadable == 0 && !(call.Get(Strict) && found.IsUnknown));
                if (call.IsJson)
                    WriteJson(call, loaded, open.File, examination.Findings, isGood);
                else
                    Write(call, loaded, examination.Findings, isGood);
                return isGood ? ExitCode.Done : ExitCode.Failed;
            }
        );
    }

    private static async Task Examine(
        ToolInvocation call, StoredEventInspector examination, CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        var progress = new SynchronousProgress<ReplayProgress>(step => bar.Show("decoded", step.Position, step.To));
        if (call.Get(Sample) is { } most)
            await examination.SampleNewestAndOldest(most, progress, cancellationToken);
        else
            await examination.All(progress, cancellationToken);
    }

    private static void Write(ToolInvocation call, ModelBuild build, IReadOnlyList<ShapeFinding> findings, bool isGood)
    {
        var rows = new TextTable("", "type", "#version", "#examined", "#unreadable");
        foreach (var found in findings)
        {
            rows.Add(
                found.Unreadable > 0 ? "UNREADABLE" : found.IsUnknown ? "unknown" : "reads",
                found.Type,
                found.SchemaVersion.ToString(CultureInfo.InvariantCulture),
                TextTable.Number(found.Examined),
                TextTable.Number(found.Unreadable));
        }
        rows.Write(call);
        foreach (var found in findings.Where(found => found.First is not null))
            WriteUnreadable(call, build, found);
        call.Line(!isGood ? "This build cannot read all stored events."
            : call.Get(Sample) is null ? "This build can read all stored events."
            : "This build can read the sample. The other events were not checked.");
    }

    private static void WriteUnreadable(ToolInvocation call, ModelBuild build, ShapeFinding found)
    {
        var version = NewestOf(build, found)?.SchemaVersion ?? 0;
        call.Line(
            $"Version {version} cannot read {TextTable.Number(found.Unreadable)} of {TextTable.Number(found.Examined)} "
                + $"'{found.Type}' stored as version {found.SchemaVersion}, first at position "
                + $"{TextTable.Number(found.First!.Position)}:"
        ); // Set when an event is unreadable.
        foreach (var (reason, times) in found.Reasons)
            call.Line($"  {TextTable.Number(times)} × {reason}");
        foreach (var line in UpcasterSkeleton.For(found.First, NewestOf(build, found)).Split('\n'))
            call.Line("    " + line);
    }

    private static void WriteJson(
        ToolInvocation call, ModelBuild build, string file, IReadOnlyList<ShapeFinding> findings, bool isGood) =>
        JsonOutput.Object(
            call,
            writer =>
            {
                writer.WriteString("store"u8, file);
                writer.WriteString("build"u8, build.File);
                writer.WriteBoolean("isReadable"u8, isGood);
                writer.WriteNumber("examined"u8, findings.Sum(found => found.Examined));
                writer.WriteNumber("unreadable"u8, findings.Sum(found => found.Unreadable));
                writer.WriteStartArray("types"u8);
                foreach (var found in findings)
                    WriteFinding(writer, build, found);
                writer.WriteEndArray();
            }
        );

    private static void WriteFinding(Utf8JsonWriter writer, ModelBuild build, ShapeFinding found)
    {
        writer.WriteStartObject();
        writer.WriteString("type"u8, found.Type);
        writer.WriteNumber("schemaVersion"u8, found.SchemaVersion);
        writer.WriteBoolean("isKnown"u8, !found.IsUnknown);
        writer.WriteNumber("examined"u8, found.Examined);
        writer.WriteNumber("unreadable"u8, found.Unreadable);
        if (found.First is { } first)
        {
            writer.WriteNumber("firstPosition"u8, first.Position);
            writer.WriteString("firstStream"u8, first.Stream.Value);
            writer.WriteStartArray("reasons"u8);
            foreach (var (reason, times) in found.Reasons)
            {
                writer.WriteStartObject();
                writer.WriteString("reason"u8, reason);
                writer.WriteNumber("events"u8, times);
                writer.WriteEndObject();
            }
            writer.WriteEndArray();
            writer.WriteString("skeleton"u8, UpcasterSkeleton.For(first, NewestOf(build, found)));
        }
        writer.WriteEndObject();
    }

    private static EventType? NewestOf(ModelBuild build, ShapeFinding found) =>
        build.Catalog.EventTypes.Types.Where(type => type.Name == found.Type).MaxBy(type => type.SchemaVersion);
}
