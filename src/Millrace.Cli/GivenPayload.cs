using System.CommandLine;
using System.Text;

namespace Millrace.Cli;

/// <summary>The options that give a dead letter another payload.</summary>
internal sealed class GivenPayload
{
    private readonly Option<string?> _data = new("--data", "-d") { HelpName = "TEXT", Description = "The payload to handle instead." };
    private readonly Option<string?> _file = new("--file") { HelpName = "FILE", Description = "The file that holds it." };

    public GivenPayload AddTo(Command command)
    {
        command.Options.Add(_data);
        command.Options.Add(_file);
        return this;
    }

    /// <summary>The payload; null when none is given.</summary>
    /// <exception cref="CliException">It is given twice, or its file is not there.</exception>
    public async Task<byte[]?> Read(ToolCall call, CancellationToken cancellationToken) => (call.Get(_data), call.Get(_file)) switch
    {
        (null, null) => null,
        ({ } text, null) => Encoding.UTF8.GetBytes(text),
        (null, { } path) => await GivenFile.ReadPayload(path, cancellationToken),
        _ => throw new CliException(ExitCode.Usage, "Give the payload with --data or with --file."),
    };
}
