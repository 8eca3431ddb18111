using System.CommandLine;
using System.Reflection;
using Millrace.Cli.Builds;
using Millrace.Cli.Models;
using Millrace.Cli.Models.Diagrams;
using Millrace.Cli.Output;

namespace Millrace.Cli.Commands;

/// <summary>Draws the event model of a build.</summary>
internal static class ModelDiagramCommand
{
    private static readonly string[] Formats = ["mermaid", "markdown", "html", "asyncapi", "json"];

    private static readonly Option<string> Format = new("--format", "-f")
    {
        Description =
            "mermaid, markdown (with Mermaid), html (one page), asyncapi (3.0, as JSON), json (everything known).",
        DefaultValueFactory = _ => Formats[0],
    };

    private static readonly Option<string?> Context = new("--context", "-c")
    {
        HelpName = "NAME",
        Description = "Only one context with its connections; for mermaid.",
    };

    private static readonly Option<string?> Out = new("--out", "-o")
    {
        HelpName = "FILE",
        Description = "Writes to a file instead of standard output.",
    };

    private static readonly Option<bool> Check = new("--check")
    {
        Description = "With --out: only compares. The exit code is 1 when the file is not up to date.",
    };

    public static Command Create()
    {
        var build = BuildOption.Create();
        Format.AcceptOnlyFromAmong(Formats);
        var command = new ToolCommand(
            "diagram", "Draws the event model of a build: commands, events, read models, reactions.")
        {
            Examples =
            [
                ("model diagram --build out/Shop.dll --format html --out model.html", "An HTML page"),
                (
                    "model diagram -b out --format markdown --out docs/model.md",
                    "For a repository host that renders Mermaid"),
                ("model diagram -b out --format asyncapi --out asyncapi.json", "For other teams and code generators"),
                (
                    "model diagram -b out --format markdown --out docs/model.md --check",
                    "For CI: checks that the file is up to date"),
            ],
        };
        command.Options.Add(build);
        command.Options.Add(Format);
        command.Options.Add(Context);
        command.Options.Add(Out);
        command.Options.Add(Check);
        return command.SetHandler(
            async (call, cancellationToken) =>
            {
                var loaded = BuildOption.Load(call, build);
                var text = Draw(call, loaded);
                if (call.Get(Out) is { } file)
                    return await CheckedInFile.Write(call, file, text, !call.Get(Check), cancellationToken);
                if (call.Get(Check))
                    throw new CliException(
                        ExitCode.Usage,
                        "--check requires a file to compare with.",
                        "Specify the file with --out FILE.");
                await call.Text.WriteAsync(text);
                return ExitCode.Done;
            }
        );
    }

    private static string Draw(ToolInvocation call, ModelBuild build)
    {
        var (model, format) = (build.Catalog.Describe(), call.Get(Format));
        if (call.Get(Context) is { } context && format != "mermaid")
            throw new CliException(
                ExitCode.Usage,
                    $"--context '{context}' requires --format mermaid. The other formats show all contexts.");
        return format switch
        {
            "markdown" => ModelMarkdown.Of(model),
            "html" => ModelPage.Of(model),
            "asyncapi" => AsyncApiDocument.Of(model, build.Catalog, VersionOf(build)),
            "json" => ModelJsonWriter.Text(model),
            _ => MermaidDiagram.Of(model, call.Get(Context)),
        };
    }

    /// <summary>Returns the version of the application's project without the commit hash.</summary>
    private static string VersionOf(ModelBuild build)
    {
        var assembly = build.Models[0].Assembly;
        var version = assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion;
        return version?.Split('+')[0] ?? assembly.GetName().Version?.ToString(3) ?? "1.0.0";
    }
}
