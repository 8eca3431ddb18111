using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Builds;
using Millrace.Cli.Doctor;
using Millrace.Cli.Output;
using Millrace.Storage;
using Spectre.Console;

namespace Millrace.Cli.Commands;

/// <summary>Finds existing and impending problems.</summary>
internal static class DoctorCommand
{
    private const int Indent = 9;

    private static readonly Option<bool> Strict = new("--strict") { Description = "Warnings count as problems." };

    public static Command Create()
    {
        var build = BuildOption.Create();
        var command = new ToolCommand("doctor",
            "Checks the store, its consumers, the disk and a build, and explains each problem and its solution.")
        {
            Examples =
            [
                ("doctor", "Exit code 0 without problems, 1 with problems"),
                (
                    "doctor --build out --strict",
                    "Before a deployment: also checks that the build can read the stored events"),
                ("doctor --json", "The findings for programs"),
            ],
        };
        command.Options.Add(build);
        command.Options.Add(Strict);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var location = StoreLocator.Existing(call);
            var loaded = call.Has(build) || Environment.GetEnvironmentVariable(BuildOption.Variable) is { Length: > 0 }
                ? BuildOption.Load(call, build)
                : null;
            var findings = await Examine(call, location, loaded, cancellationToken);
            var file = location.DisplayName;
            var minSeverity = call.Get(Strict) ? Severity.Warning : Severity.Problem;
            var isHealthy = findings.TrueForAll(finding => finding.Severity < minSeverity);
            if (call.IsJson)
                WriteJson(call, file, isHealthy, findings);
            else
                Write(call, isHealthy, findings);
            return isHealthy ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static async Task<List<Finding>> Examine(
        ToolInvocation call, StoreLocation location, ModelBuild? build, CancellationToken cancellationToken)
    {
        List<Finding> findings = [await MachineDoctorCheck.Sdk(cancellationToken)];
        if (!location.IsDatabase)
        {
            var machine = new MachineDoctorCheck(location.Store, call.Time);
            findings.InsertRange(0, [.. machine.CheckLocation(), machine.SyncProbe()]);
        }
        try
        {
            await using var open = build is null
                ? await OpenStore.Existing(call, cancellationToken)
                : await OpenStore.Existing(call, build.Catalog.EventTypes, cancellationToken);
            findings.AddRange(await new FileDoctorCheck(open, call.Time).Run(cancellationToken));
            findings.AddRange(await new ConsumerDoctorCheck(open, call.Time).Run(cancellationToken));
            findings.AddRange(await new ArchiveDoctorCheck(open).Run(cancellationToken));
            findings.AddRange(await new HeldInstanceDoctorCheck(open).Run(cancellationToken));
            if (build is not null)
                findings.AddRange(await BuildDoctorCheck.Run(build, open, cancellationToken));
        }
        catch (StorageException failure)
        {
            findings.Add(FileDoctorCheck.Unusable(failure));
        }
        return findings;
    }

    private static void Write(ToolInvocation call, bool isHealthy, List<Finding> findings)
    {
        foreach (var finding in findings.OrderByDescending(finding => finding.Severity))
        {
            var (word, style) = finding.Severity switch
            {
                Severity.Problem => ("PROBLEM", new Style(Color.Red, decoration: Decoration.Bold)),
                Severity.Warning => ("WARNING", new Style(Color.Yellow)),
                Severity.Note => ("note", new Style(Color.Blue)),
                _ => ("ok", new Style(Color.Green)),
            };
            var grid = new Grid().AddColumn(new GridColumn { Width = Indent - 1, Padding = new Padding(0, 0, 1, 0) })
                .AddColumn(new GridColumn { Padding = new Padding(0) });
            grid.AddRow(new Text(word, style), Escaped($"{finding.Check}: {finding.Message}"));
            if (finding.Consequence is { } consequence)
                grid.AddRow(new Text(""), Escaped($"Why it matters: {consequence}"));
            if (finding.Remedy is { } remedy)
                grid.AddRow(new Text(""), Escaped($"What to do: {remedy}"));
            call.Console.Write(grid);
        }
        var (problems, warnings) = (Count(findings, Severity.Problem), Count(findings, Severity.Warning));
        call.Line(isHealthy && problems + warnings == 0
            ? "No problems were found."
            : $"{Counted.Of(problems, "problem")}, {Counted.Of(warnings, "warning")}.");
    }

    private static Text Escaped(string text) => new(TerminalText.OneLine(text));

    private static int Count(List<Finding> findings, Severity severity) =>
        findings.Count(finding => finding.Severity == severity);

    private static void WriteJson(ToolInvocation call, string file, bool isHealthy, List<Finding> findings) =>
        JsonOutput.Object(
            call,
            writer =>
            {
                writer.WriteString("store"u8, file);
                writer.WriteBoolean("isHealthy"u8, isHealthy);
                writer.WriteNumber("problems"u8, Count(findings, Severity.Problem));
                writer.WriteNumber("warnings"u8, Count(findings, Severity.Warning));
                writer.WriteStartArray("findings"u8);
                foreach (var finding in findings)
                {
                    writer.WriteStartObject();
                    writer.WriteString("check"u8, finding.Check);
                    writer.WriteString(
                        "severity"u8, JsonNamingPolicy.CamelCase.ConvertName(finding.Severity.ToString()));
                    writer.WriteString("what"u8, finding.Message);
                    if (finding.Consequence is not null)
                        writer.WriteString("why"u8, finding.Consequence);
                    if (finding.Remedy is not null)
                        writer.WriteString("remedy"u8, finding.Remedy);
                    writer.WriteEndObject();
                }
                writer.WriteEndArray();
            }
        );
}
