using System.CommandLine;
using System.Reflection;
using Millrace.Cli.Design;
using Millrace.Cli.Design.Project;
using Millrace.Cli.Models;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Creates proposals and a starting project from a description.</summary>
internal static class DesignCommand
{
    private static readonly Argument<string> FileArgument = new("file")
    {
        HelpName = "FILE",
        Description = "The description file: entities, rules and queries, in a few lines of text.",
    };

    private static readonly Option<string?> Out = new("--out", "-o")
    {
        HelpName = "FOLDER",
        Description = "Writes a starting project with code, program and tests to an empty or new folder.",
    };

    public static Command Create()
    {
        var command = new ToolCommand("design",
            "Proposes events, commands, boundaries and read models for a description, and can write a project.")
        {
            Examples =
            [
                ("design shop.design", "The proposals, each with its reason"),
                ("design shop.design --json", "The same for programs"),
                ("design shop.design --out Shop", "A project that builds, with tests that pass"),
            ],
        };
        command.Arguments.Add(FileArgument);
        command.Options.Add(Out);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var (description, text) = await Read(call.Get(FileArgument), cancellationToken);
                var proposal = DesignProposer.Propose(description);
                if (call.Get(Out) is { } folder)
                    return await WriteProject(
                        call, folder, ProjectFiles.Of(proposal, text, VersionOfPackages()), cancellationToken);
                if (call.IsJson)
                    JsonOutput.Object(call, writer => DesignReport.Json(writer, proposal));
                else
                    await call.Text.WriteAsync(DesignReport.Markdown(proposal));
                return ExitCode.Done;
            }
        );
    }

    private static async Task<ExitCode> WriteProject(
        ToolInvocation call,
        string folder,
        IReadOnlyDictionary<string, string> files,
        CancellationToken cancellationToken)
    {
        if (Directory.Exists(folder) && Directory.EnumerateFileSystemEntries(folder).Any())
            throw new CliException(ExitCode.Failed, $"Folder '{folder}' is not empty.",
                "Specify an empty or new folder. Existing files are never overwritten.");
        foreach (var (name, text) in files)
        {
            var path = Path.Combine(folder, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!); // Each file path has a folder.
            await File.WriteAllTextAsync(path, text, cancellationToken);
        }
        if (call.IsJson)
            JsonOutput.Object(call, writer => ModelJsonWriter.Texts(writer, "files", files.Keys));
        else
            call.Line($"{files.Count} files were written to {folder}. Next, run 'dotnet test' there.");
        return ExitCode.Done;
    }

    /// <summary>
    /// Returns the version of the packages. The tool has the same version, because both are released together.
    /// </summary>
    private static string VersionOfPackages() =>
        typeof(DesignCommand)
            .Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()
            ?.InformationalVersion.Split('+')[0]
        ?? "0.1.0";

    private static async Task<(DesignFile File, string Text)> Read(string path, CancellationToken cancellationToken)
    {
        if (!File.Exists(path))
            throw new CliException(ExitCode.NotFound, $"File '{path}' does not exist.",
                "Specify a description file. docs/reference/design-file.md describes its format.");
        var text = await TextDecoder.ReadFile(path, cancellationToken);
        var (file, problems) = DesignReader.Read(text);
        return file is not null ? (file, text) : throw new CliException(
            ExitCode.Failed,
            $"{path} cannot be used:{string.Concat(problems.Select(problem => $"{Environment.NewLine}  {problem}"))}",
            "Correct these lines. docs/reference/design-file.md describes the format.");
    }
}
