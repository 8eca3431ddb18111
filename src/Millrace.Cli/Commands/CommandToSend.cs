using System.CommandLine;
using System.Text.Json;
using Millrace.Cli.Builds;

namespace Millrace.Cli.Commands;

/// <summary>
/// The options that define a command to send: its name and its JSON body. The command is validated with the
/// application's build (<c>--build</c>).
/// </summary>
internal sealed class CommandToSend(string description)
{
    private readonly Option<string?> _command = new("--command", "-c") { HelpName = "NAME", Description = description };
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

    /// <summary>Returns true when the name or the body of a command is specified. Both require a build.</summary>
    public bool IsSpecified(ToolInvocation call) => call.Get(_command) is not null || call.Get(_body) is not null;

    /// <summary>Loads the build that defines the commands.</summary>
    /// <exception cref="CliException">No build is specified, or it cannot be loaded.</exception>
    public ModelCatalog Catalog(ToolInvocation call) => BuildOption.Load(call, _build).Catalog;

    /// <summary>Returns the command as JSON, or null when no body is specified.</summary>
    /// <exception cref="CliException">The body is not JSON.</exception>
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
