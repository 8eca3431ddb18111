using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Builds;

namespace Millrace.Cli.Commands;

/// <summary>Which command is to be sent: by its name and as JSON, checked against a build.</summary>
internal sealed class CommandToSend(string which)
{
    private readonly Option<string?> _command = new("--command", "-c") { HelpName = "NAME", Description = which };
    private readonly Option<string?> _body = new("--body")
    {
        HelpName = "JSON",
        Description = "The command as JSON, with all its members.",
    };

    private readonly Option<string?> _build = BuildOption.Create();

    public void AddTo(Command command)
    {
        command.Options.Add(_command);
        command.Options.Add(_body);
        command.Options.Add(_build);
    }

    public string? Name(ToolInvocation call) => call.Get(_command);

    /// <summary>Whether a command is told, so that a build is needed.</summary>
    public bool AreGiven(ToolInvocation call) => call.Get(_command) is not null || call.Get(_body) is not null;

    /// <summary>The build that knows the commands.</summary>
    /// <exception cref="CliException">None is named, or it cannot be used.</exception>
    public ModelCatalog Catalog(ToolInvocation call) => BuildOption.Load(call, _build).Catalog;

    /// <summary>The command as JSON; null where that is not told.</summary>
    /// <exception cref="CliException">It is no JSON.</exception>
    public JsonElement? Body(ToolInvocation call)
    {
        if (call.Get(_body) is not { } text)
            return null;
        try
        {
            using var parsed = JsonDocument.Parse(text);
            return parsed.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new CliException(ExitCode.Usage, $"--body is not JSON: {exception.Message}");
        }
    }
}
