using System.CommandLine;
using Millrace.Cli.Builds;
using Millrace.Cli.Output;
using Millrace.Cli.Schemas;

namespace Millrace.Cli.Commands;

/// <summary>Writes the contract file of a build.</summary>
internal static class SchemaAcceptCommand
{
    private static readonly Argument<string?> File = new("file")
    {
        HelpName = "FILE",
        Description = "The contract file, in the folder of the project with the model. Default: "
            + $"{ContractFileLocation.FileName} here, otherwise the only one in a subfolder.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "Only compares. The exit code is 1 when the file is not up to date.",
    };

    private static readonly Option<bool> Drop = new("--drop")
    {
        Description = "Removes events from the file that the build does not have. Without it, the command fails on "
            + "such events.",
    };

    public static Command Create()
    {
        var build = BuildOption.Create("the newest build of the project beside the file");
        var command = new ToolCommand("accept", "Writes the shapes of a build's events to its contract file.")
        {
            Examples =
            [
                ("schema accept", "Accepts the new events and versions of the last build"),
                (
                    "schema accept --build bin/Release/net10.0/Shop.dll",
                    "Accepts those of another build"),
                (
                    "schema accept src/Shop/events.contract.json --build out --check",
                    "For CI: checks that the file is up to date"),
            ],
        };
        command.Arguments.Add(File);
        command.Options.Add(build);
        command.Options.Add(Check);
        command.Options.Add(Drop);
        return command.SetHandler(async (call, cancellationToken) =>
        {
            var file = ContractFileLocation.Find(call.Get(File));
            var loaded = BuildOption.Load(call, build, () => NewestBuild(file));
            RejectOlderBuild(loaded, file);
            var oldText = System.IO.File.Exists(file) ? await TextDecoder.ReadFile(file, cancellationToken) : "";
            var merge = new ContractMerge(file, oldText, ContractOf(loaded));
            if (merge.Dropped.Count > 0 && !call.Get(Drop) && !call.Get(Check))
                throw DroppedEventsError(file, merge.Dropped);
            var text = merge.Text;
            var isSame = oldText.ReplaceLineEndings("\n") == text;
            if (!isSame && !call.Get(Check))
                await System.IO.File.WriteAllTextAsync(file, text, cancellationToken);
            Answer(call, file, isSame);
            return isSame || !call.Get(Check) ? ExitCode.Done : ExitCode.Failed;
        });
    }

    private static CliException DroppedEventsError(string file, IReadOnlyList<string> dropped) =>
        new(
            ExitCode.Failed,
            $"{file} contains events that this build does not have: "
                + $"{string.Join(", ", dropped.Take(10))}{(dropped.Count > 10 ? ", …" : "")}. Nothing was written.",
            $"Add the file to the project (<AdditionalFiles Include=\"{Path.GetFileName(file)}\" />) and build again: "
                + "events that are read as JSON or by a former name then stay. Remove the others with --drop if no "
                + "store contains such events.");

    /// <summary>Returns the newest build of the project in the folder of a contract file.</summary>
    private static string NewestBuild(string file) => ContractFileLocation.NewestBuild(file) ?? throw new CliException(
        ExitCode.Usage,
        $"No build was specified, and no build of a project beside {file} was found.",
        $"Run 'dotnet build', or specify the assembly or its folder with --build PATH or {BuildOption.Variable}.");

    /// <summary>Rejects a build that is older than its sources, because the build may lack new events.</summary>
    private static void RejectOlderBuild(ModelBuild build, string file)
    {
        var folder = ContractFileLocation.FolderOf(file);
        foreach (var assembly in build.ModelFiles)
        {
            if (BuildSources.Of(assembly).FirstChange(folder) is not { } source)
                continue;
            throw new CliException(
                ExitCode.Failed,
                $"{Path.GetFileName(assembly)} was built before {Path.Combine(folder, source)} was changed. Nothing "
                    + "was written.",
                "Run 'dotnet build' first. If it fails because of a deleted event that no store contains: millrace "
                    + "schema forget EVENT."
            );
        }
    }

    private static string ContractOf(ModelBuild build) =>
        build.Contracts switch
        {
            [var only] => only,
            [] => throw new CliException(
                ExitCode.NotFound, $"The models in '{build.File}' register no contract.", "Use a generated model."),
            _ => throw new CliException(
                ExitCode.Usage,
                $"'{build.File}' uses several models: "
                    + $"{string.Join(", ", build.Models.Select(model => model.FullName))}.",
                "Each has its own contract. Specify the assembly of one model."),
        };

    private static void Answer(ToolInvocation call, string file, bool isSame)
    {
        if (call.IsJson)
        {
            JsonOutput.Object(call, writer =>
            {
                writer.WriteString("file"u8, file);
                writer.WriteBoolean("wasUpToDate"u8, isSame);
                writer.WriteBoolean("isWritten"u8, !isSame && !call.Get(Check));
            });
            return;
        }
        call.Line(
            isSame ? $"{file} is up to date."
            : call.Get(Check) ? $"{file} is not up to date."
            : $"{file} was written.");
    }
}
