using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Compares the log with its seals and with anchors.</summary>
internal static class AuditVerifyCommand
{
    public static ToolCommand Create()
    {
        var key = new Option<string[]>("--key")
        {
            Description = "A PEM file with a public key that may sign. Repeat it for several keys.",
            DefaultValueFactory = static _ => [],
        };
        var anchors = new Option<string[]>("--anchors")
        {
            Description = "A file with anchors, one on each line. Repeat it for several files.",
            DefaultValueFactory = static _ => [],
        };
        var accept = new Option<bool>("--accept-removals")
        {
            Description = "Accepts removals after the last anchor, or without --anchors after the last seal.",
        };
        var command = new ToolCommand(
            "verify", "Compares the whole log with its seals, and reports every change of a sealed event.")
        {
            Examples =
            [
                ("audit verify --key public.pem --anchors anchors.jsonl", "Exit code 0 without findings, otherwise 5"),
                ("audit verify --json", "The findings with their kinds and positions"),
            ],
        };
        command.Options.Add(key);
        command.Options.Add(anchors);
        command.Options.Add(accept);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            // Tenants that share a store also share its log and its seals.
            await using var open = await OpenStore.OfAllTenants(call, cancellationToken);
            var evidence = new SealEvidence
            {
                KeyFiles = call.Get(key) ?? [],
                AnchorFiles = call.Get(anchors) ?? [],
                AcceptsNewRemovals = call.Get(accept),
            };
            var report = await Verify(call, open, evidence, cancellationToken);
            if (call.IsJson)
                JsonOutput.Object(call, writer => WriteJson(writer, report, evidence));
            else
                Write(call, report, evidence);
            return report.IsSound ? ExitCode.Done : ExitCode.Store;
        });
    }

    private static async Task<SealReport> Verify(
        ToolInvocation call, OpenStore open, SealEvidence evidence, CancellationToken cancellationToken)
    {
        using var bar = new ProgressIndicator(call);
        try
        {
            return await new LogSeals(open.Store).Verify(evidence, bar, cancellationToken);
        }
        catch (SealKeyException exception)
        {
            throw new CliException(
                File.Exists(exception.Path) ? ExitCode.Usage : ExitCode.NotFound,
                exception.Message,
                "Give the public key with --key.");
        }
        catch (Exception exception) when (exception is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CliException(ExitCode.NotFound, exception.Message, "Give the file with --anchors.");
        }
    }

    private static void Write(ToolInvocation call, SealReport report, SealEvidence evidence)
    {
        foreach (var finding in report.Findings)
            call.Line($"{finding.Kind}: {finding.Message}");
        if (report.FindingCount > report.Findings.Count)
            call.Line($"… and {TextTable.Number(report.FindingCount - report.Findings.Count)} more findings.");
        var facts = TextTable.OfFacts();
        facts.Add("Events", TextTable.Number(report.Events));
        facts.Add("Removed with a record", TextTable.Number(report.RemovedEvents));
        facts.Add("Removals to confirm", TextTable.Number(report.NewRemovals));
        facts.Add("Seals", TextTable.Number(report.Seals));
        facts.Add("Sealed through", TextTable.Number(report.SealedThrough));
        facts.Add("Not sealed yet", TextTable.Number(report.Unsealed));
        facts.Add("Anchors", TextTable.Number(report.Anchors));
        facts.Add("Anchored through", TextTable.Number(report.AnchoredThrough));
        foreach (var id in report.Keys)
            facts.Add("Key", id);
        facts.Write(call);
        if (evidence.KeyFiles.Count == 0 && report.Seals > 0)
            call.Line("Warning: the signatures were checked with the keys in the log. Give your key with --key.");
        if (evidence.AnchorFiles.Count == 0 && report.Seals > 0)
            call.Line("Warning: no anchors were given: a log that was rebuilt with the key would pass. Use --anchors.");
        call.Line(
            report.IsSound
                ? "The log agrees with its seals."
                : $"{Counted.Of(report.FindingCount, "finding")}. The log does not agree with its seals.");
    }

    private static void WriteJson(Utf8JsonWriter writer, SealReport report, SealEvidence evidence)
    {
        writer.WriteBoolean("isSound"u8, report.IsSound);
        writer.WriteBoolean("isKeyTrusted"u8, evidence.KeyFiles.Count > 0);
        writer.WriteBoolean("isAnchored"u8, report.AnchoredThrough > 0);
        writer.WriteNumber("head"u8, report.Head);
        writer.WriteNumber("events"u8, report.Events);
        writer.WriteNumber("removedEvents"u8, report.RemovedEvents);
        writer.WriteNumber("newRemovals"u8, report.NewRemovals);
        writer.WriteNumber("seals"u8, report.Seals);
        writer.WriteNumber("sealedThrough"u8, report.SealedThrough);
        writer.WriteNumber("unsealed"u8, report.Unsealed);
        writer.WriteNumber("anchors"u8, report.Anchors);
        writer.WriteNumber("anchoredThrough"u8, report.AnchoredThrough);
        writer.WriteStartArray("keys"u8);
        foreach (var key in report.Keys)
            writer.WriteStringValue(key);
        writer.WriteEndArray();
        writer.WriteNumber("findingCount"u8, report.FindingCount);
        writer.WriteStartArray("findings"u8);
        foreach (var finding in report.Findings)
        {
            writer.WriteStartObject();
            writer.WriteString("kind"u8, JsonNamingPolicy.CamelCase.ConvertName(finding.Kind.ToString()));
            if (finding.Position is { } position)
                writer.WriteNumber("position"u8, position);
            writer.WriteString("message"u8, finding.Message);
            writer.WriteEndObject();
        }
        writer.WriteEndArray();
    }
}
